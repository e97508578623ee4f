/** Looks of the console: dense, quiet, colour only where something is said. */
import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** A blue whose middle tones keep 4.5:1 on white and whose light ones keep it on the dark ground. */
const ink: MantineColorsTuple = [
  '#eaf3fb',
  '#d3e4f5',
  '#a5c8ea',
  '#74abe0',
  '#4c92d7',
  '#2f80cd',
  '#1f6fbb',
  '#1864ab',
  '#0f5490',
  '#084575',
]

export const consoleTheme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 7 },
  colors: { ink },
  defaultRadius: 'md',
  autoContrast: true,
  fontFamily: 'Inter, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650', sizes: { h3: { fontSize: '1.375rem' }, h4: { fontSize: '1.0625rem' } } },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' } } },
    Paper: { defaultProps: { withBorder: true, radius: 'md' } },
    Badge: { defaultProps: { radius: 'sm', tt: 'none', fw: 600 } },
  },
})
