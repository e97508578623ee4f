/** Entry of the console. */
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './console.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ConsoleApp } from './shell/console-app.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <ConsoleApp />
  </StrictMode>,
)
