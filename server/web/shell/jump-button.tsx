/** Opens the jump box. */
import { ActionIcon, Kbd, Text, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { openJumpBox } from './jump-store.ts'

const MODIFIER = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'

/** Looks like a search field, or an icon on phones. */
export function JumpButton({ isCompact = false }: { isCompact?: boolean }) {
  if (isCompact) {
    return (
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Jump to a device, ticket or page" onClick={openJumpBox}>
        <IconSearch size={19} />
      </ActionIcon>
    )
  }
  return (
    <UnstyledButton className="jump-button" onClick={openJumpBox}>
      <IconSearch size={15} aria-hidden />
      <Text component="span" size="sm">
        Jump to
      </Text>
      <Kbd size="xs">{MODIFIER} K</Kbd>
    </UnstyledButton>
  )
}
