/** Where something stands, as a badge and a sentence. */
export interface StateText {
  readonly label: string;
  readonly color: "gray" | "blue" | "yellow" | "green" | "red";
  readonly text: string;
}
