/** The console from the outside in: theme, data, session, pages. */
import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { makeQueryClient } from '../api/query-client.ts'
import { FrontDoor } from '../session/session-gate.tsx'
import { consoleTheme } from './console-theme.ts'
import { FaultBoundary } from './fault-boundary.tsx'

const queryClient = makeQueryClient()

/** The whole console. */
export function ConsoleApp() {
  return (
    <MantineProvider theme={consoleTheme} defaultColorScheme="auto">
      <FaultBoundary>
        <QueryClientProvider client={queryClient}>
          <ModalsProvider>
            <Notifications position="bottom-right" limit={4} />
            <FrontDoor />
          </ModalsProvider>
        </QueryClientProvider>
      </FaultBoundary>
    </MantineProvider>
  )
}
