/** Who is logged in, the look of the console, and the way out. */
import {
  Avatar,
  Menu,
  SegmentedControl,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
  type MantineColorScheme,
} from '@mantine/core'
import { IconDeviceDesktop, IconLogout, IconMoon, IconSelector, IconSun, IconUserCog } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { Me } from '../../../shared/api/accounts/account-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { roleWord } from '../people/person-words.ts'
import { forgetReplies } from '../replies/reply-store.ts'

const look = (word: string, Icon: typeof IconSun) => (
  <>
    <Icon size={15} aria-hidden style={{ display: 'block' }} />
    <VisuallyHidden>{word}</VisuallyHidden>
  </>
)
const LOOKS = [
  { value: 'light', label: look('Light', IconSun) },
  { value: 'auto', label: look('As the system', IconDeviceDesktop) },
  { value: 'dark', label: look('Dark', IconMoon) },
]

/** Menu at the foot of the navigation, or as a face alone. */
export function PersonMenu({ me, isCompact = false }: { me: Me; isCompact?: boolean }) {
  const client = useQueryClient()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const logOut = useMutation({
    mutationFn: () => callApi('DELETE', '/session'),
    onSuccess: () => {
      forgetReplies()
      client.setQueryData(keys.session, null)
      client.removeQueries({ predicate: query => query.queryKey[0] !== 'session' })
    },
  })
  return (
    <Menu position={isCompact ? 'bottom-end' : 'top-start'} width={220} withArrow>
      <Menu.Target>
        <UnstyledButton className="person-button">
          <Avatar size={28} radius="xl" name={me.name} color="ink" variant="filled" aria-hidden />
          {isCompact ? (
            <VisuallyHidden>{me.name}</VisuallyHidden>
          ) : (
            <>
              <span className="person-name">
                <Text component="span" size="sm" fw={550} truncate display="block">
                  {me.name}
                </Text>
                <Text component="span" size="xs" c="dimmed" display="block">
                  {roleWord(me.role)}
                </Text>
              </span>
              <IconSelector size={16} aria-hidden />
            </>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Look</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          mx={6}
          mb={6}
          value={colorScheme}
          onChange={value => setColorScheme(value as MantineColorScheme)}
          data={LOOKS}
          aria-label="Look of the console"
        />
        <Menu.Divider />
        <Menu.Item component={Link} href="/account" leftSection={<IconUserCog size={16} aria-hidden />}>
          Your account
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => logOut.mutate()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
