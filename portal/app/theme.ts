/** Colours, fonts and defaults of the component library. */
import { type CSSVariablesResolver, createTheme } from "@mantine/core";

/** Calm: one accent, tabular figures, system fonts. */
export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: "md",
  fontFamily: "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.75rem" }, h2: { fontSize: "1.25rem" }, h3: { fontSize: "1rem" } },
  },
  cursorType: "pointer",
  components: {
    Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 550 } },
    Paper: { defaultProps: { withBorder: true, radius: "lg", p: "lg", bg: "var(--mantine-color-default)" } },
    Modal: { defaultProps: { radius: "lg", padding: "lg", closeButtonProps: { "aria-label": "Close" } } },
    Table: { defaultProps: { verticalSpacing: "sm", tabularNums: true } },
  },
});

const SHADES = ["red", "green", "yellow", "indigo", "gray", "blue"] as const;

/** Mantine's colours, where needed darkened or lightened until text in them is readable (WCAG AA). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "var(--mantine-color-gray-7)",
    "--mantine-color-placeholder": "var(--mantine-color-gray-7)",
    "--mantine-color-error": "#b02525",
    "--mantine-color-anchor": "var(--mantine-color-indigo-8)",
    "--mantine-color-body": "#f8f9fb",
    "--mantine-color-default": "#ffffff",
    ...Object.fromEntries(SHADES.map((name) => [`--mantine-color-${name}-light-color`, DARK_TEXT[name]])),
    ...Object.fromEntries(SHADES.map((name) => [`--mantine-color-${name}-light`, `var(--mantine-color-${name}-0)`])),
  },
  dark: {
    "--mantine-color-dimmed": "var(--mantine-color-dark-1)",
    "--mantine-color-placeholder": "var(--mantine-color-dark-1)",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    "--mantine-color-anchor": "var(--mantine-color-indigo-3)",
    ...Object.fromEntries(
      SHADES.map((name) => [`--mantine-color-${name}-light-color`, `var(--mantine-color-${name}-2)`]),
    ),
  },
});

const DARK_TEXT: Readonly<Record<(typeof SHADES)[number], string>> = {
  red: "#a61e1e",
  green: "#1d6b33",
  yellow: "#7a4b00",
  indigo: "#364fc7",
  gray: "#343a40",
  blue: "#1459a6",
};
