/** Keeps a fault in one page from taking the whole console down. */
import { Button, Code, Group, Stack, Text, Title } from '@mantine/core'
import { Component, type ReactNode } from 'react'

/** Shows what broke and a way on. React needs a class for this; a new `key` clears it. */
export class FaultBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <Stack p="xl" maw={640} gap="sm" role="alert">
        <Title order={1} size="h3">
          This page broke
        </Title>
        <Text>The rest of the console still works. Load the page again; if it breaks again, report the text below.</Text>
        <Code block>{error.message}</Code>
        <Group>
          <Button onClick={() => window.location.reload()}>Load again</Button>
          <Button variant="default" onClick={() => this.setState({ error: null })}>
            Try to go on
          </Button>
        </Group>
      </Stack>
    )
  }
}
