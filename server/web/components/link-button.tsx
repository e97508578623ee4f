/** A button that is a link. */
import { Button, type ButtonProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'

/** Looks like a button, opens in a new tab like a link. */
export function LinkButton({ to, children, ...props }: ButtonProps & { to: string; children: ReactNode }) {
  return (
    <Button component={Link} href={to} {...props}>
      {children}
    </Button>
  )
}
