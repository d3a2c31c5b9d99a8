/** Keeps an error in a page from taking the frame with it. */
import { Component, type ReactNode } from "react";
import { Failed } from "./Failed.tsx";

interface Props {
  readonly children: ReactNode;
  /** Another value begins anew: another page. */
  readonly of: string;
}

/** Keeps the frame, and says what happened, when a page cannot be drawn or its code cannot be loaded. */
export class ErrorBoundary extends Component<Props, { error: unknown; of: string }> {
  override state = { error: undefined as unknown, of: this.props.of };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: { of: string }) {
    return props.of === state.of ? null : { error: undefined, of: props.of };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <Failed error={error} title="This page cannot be shown" retry={() => location.reload()} />;
  }
}
