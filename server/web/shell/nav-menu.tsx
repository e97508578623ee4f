/** Where one can go: pages in groups that can be folded, with what waits there. */
import { Badge, Button, Collapse, NavLink, Stack, UnstyledButton } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconChevronDown, IconPlus } from '@tabler/icons-react'
import { useId } from 'react'
import { Link, useLocation } from 'wouter'
import { useMay } from '../session/use-session.ts'
import { FLEET, isAt, PAGE_GROUPS, type ConsolePage } from './console-pages.ts'
import { useWaitingCounts, type Waiting } from './use-waiting-counts.ts'
import './nav-menu.css'

function PageLink({ page, location, waiting }: { page: ConsolePage; location: string; waiting?: Waiting | undefined }) {
  const isHere = isAt(page, location)
  const Icon = page.icon
  return (
    <NavLink
      component={Link}
      href={page.to}
      label={page.name}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      leftSection={Icon && <Icon size={18} stroke={1.7} aria-hidden />}
      rightSection={
        waiting && (
          <Badge color={waiting.isUrgent ? 'red' : 'gray'} size="sm" variant={waiting.isUrgent ? 'filled' : 'default'}>
            {waiting.count}
            <span className="sr-only"> {waiting.means}</span>
          </Badge>
        )
      }
      className="nav-link"
    />
  )
}

function PageGroup(props: {
  name: string
  pages: readonly ConsolePage[]
  location: string
  waiting: Record<string, Waiting | undefined>
  isFolded: boolean
  fold: () => void
}) {
  const { name, pages, location, waiting, isFolded, fold } = props
  const id = useId()
  const isOpen = !isFolded
  return (
    <div className="nav-group">
      <UnstyledButton className="nav-group-head" aria-expanded={isOpen} aria-controls={id} onClick={fold}>
        {name}
        <IconChevronDown size={14} aria-hidden className="nav-chevron" />
      </UnstyledButton>
      <Collapse expanded={isOpen} id={id} transitionDuration={120}>
        <Stack gap={1}>
          {pages.map(page => (
            <PageLink key={page.to} page={page} location={location} waiting={waiting[page.to]} />
          ))}
        </Stack>
      </Collapse>
      {/* Folded away, the page one is on still shows. */}
      {isFolded &&
        pages
          .filter(page => isAt(page, location))
          .map(page => <PageLink key={page.to} page={page} location={location} waiting={waiting[page.to]} />)}
    </div>
  )
}

/** Opened once in a while: the daily pages stand without scrolling. */
const SELDOM = ['Settings']

/** The main menu. What is folded stays folded in this browser. */
export function NavMenu() {
  const [location] = useLocation()
  const may = { desk: useMay('desk'), manage: useMay('manage') }
  const waiting = useWaitingCounts()
  const [folded, setFolded] = useLocalStorage<string[]>({
    key: 'kioskeeper-folded-menu',
    defaultValue: SELDOM,
    getInitialValueInEffect: false,
  })
  return (
    <Stack gap={2} component="nav" aria-label="Pages" pb="sm">
      <PageLink page={FLEET} location={location} />
      {PAGE_GROUPS.map(({ name, pages }) => (
        <PageGroup
          key={name}
          name={name}
          pages={pages.filter(page => page.needs === undefined || may[page.needs])}
          location={location}
          waiting={waiting}
          isFolded={folded.includes(name)}
          fold={() => setFolded(now => (now.includes(name) ? now.filter(one => one !== name) : [...now, name]))}
        />
      ))}
      {may.desk && (
        <Button
          component={Link}
          href="/add-device"
          variant="light"
          mt="sm"
          size="sm"
          leftSection={<IconPlus size={16} aria-hidden />}
          className="add-button"
        >
          Add device
        </Button>
      )}
    </Stack>
  )
}
