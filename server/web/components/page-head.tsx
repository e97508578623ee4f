/** Head of every page: where it belongs, its name, what can be done. */
import { Anchor, Breadcrumbs, Group, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { Link } from 'wouter'

export type Crumb = { to: string; name: string }

/** One h1 per page; it names the tab too. */
export function PageHead({
  title,
  crumbs,
  beside,
  actions,
  note,
}: {
  title: string
  crumbs?: readonly Crumb[]
  beside?: ReactNode
  actions?: ReactNode
  note?: ReactNode
}) {
  useDocumentTitle(`${title} · Kioskeeper`)
  return (
    <Group justify="space-between" align="flex-end" gap="sm" mb="md" wrap="wrap">
      <div className="page-head-words">
        {crumbs && crumbs.length > 0 && (
          <Breadcrumbs separatorMargin={6} fz="sm" mb={2}>
            {crumbs.map(crumb => (
              <Anchor key={crumb.to} component={Link} href={crumb.to} size="sm">
                {crumb.name}
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group gap="sm" align="center">
          <Title order={1} size="h3" className="page-title">
            {title}
          </Title>
          {beside}
        </Group>
        {note && (
          <Text component="div" size="sm" c="dimmed" mt={2}>
            {note}
          </Text>
        )}
      </div>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  )
}
