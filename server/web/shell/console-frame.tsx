/** Frame of the console: navigation, live state, jump box, pages. */
import { AppShell, Box, Burger, Group, ScrollArea, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useEffect } from 'react'
import { useLocation } from 'wouter'
import type { Me } from '../../../shared/api/accounts/account-api.ts'
import { useLiveRefresh } from '../api/use-live-refresh.ts'
import { ConsoleRoutes } from './console-routes.tsx'
import { JumpBox } from './jump-box.tsx'
import { JumpButton } from './jump-button.tsx'
import { KioskeeperMark } from './kioskeeper-mark.tsx'
import { LiveMark } from './live-mark.tsx'
import { NavMenu } from './nav-menu.tsx'
import { PersonMenu } from './person-menu.tsx'

/** Everything a person sees when logged in. */
export function ConsoleFrame({ me }: { me: Me }) {
  useLiveRefresh()
  const [isOpen, menu] = useDisclosure(false)
  const [location] = useLocation()
  useEffect(() => {
    menu.close()
    window.scrollTo(0, 0)
    // A new page starts at its top with the menu shut; `menu` is stable.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [location])

  return (
    <AppShell
      navbar={{ width: 228, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      header={{ height: { base: 52, sm: 0 } }}
      padding={0}
    >
      <a href="#page" className="skip-link">
        Skip to the page
      </a>
      <AppShell.Header hiddenFrom="sm" px="sm">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={isOpen} onClick={menu.toggle} size="sm" aria-label={isOpen ? 'Close the menu' : 'Open the menu'} />
            <KioskeeperMark />
            <Text fw={700}>Kioskeeper</Text>
          </Group>
          <Group gap={4} wrap="nowrap">
            <LiveMark isCompact />
            <JumpButton isCompact />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="nav-ground" aria-label="Main menu">
        <Group gap="xs" px="md" pt="md" pb="sm" visibleFrom="sm">
          <KioskeeperMark />
          <Text fw={700}>Kioskeeper</Text>
        </Group>
        <Box px="sm" pb="sm" visibleFrom="sm">
          <JumpButton />
        </Box>
        <AppShell.Section grow component={ScrollArea} px="sm" pt={{ base: 'sm', sm: 0 }}>
          <NavMenu />
        </AppShell.Section>
        <AppShell.Section p="sm" className="nav-foot">
          <Box visibleFrom="sm" px={8} pb={6}>
            <LiveMark />
          </Box>
          <PersonMenu me={me} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} className="page-ground">
        <ConsoleRoutes />
      </AppShell.Main>
      <JumpBox />
    </AppShell>
  )
}
