/** Frame of the pages before the console. */
import { Center, Group, Paper, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { KioskeeperMark } from '../shell/kioskeeper-mark.tsx'

/** Name, title and a card. */
export function EntryCard({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Kioskeeper`)
  return (
    <Center component="main" mih="100dvh" p="md" className="entry-ground">
      <Paper p="xl" w="100%" maw={420} shadow="sm">
        <Group gap="xs" mb="lg">
          <KioskeeperMark size={28} />
          <Text fw={700} size="lg">
            Kioskeeper
          </Text>
        </Group>
        <Title order={1} size="h3" mb={note ? 4 : 'md'}>
          {title}
        </Title>
        {note && (
          <Text size="sm" c="dimmed" mb="md">
            {note}
          </Text>
        )}
        {children}
      </Paper>
    </Center>
  )
}
