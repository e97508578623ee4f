/** A password that is chosen: how strong it is while it is typed. */
import { PasswordInput, Progress, Text } from '@mantine/core'
import { LEAST_LENGTH, passwordStrength } from './password-strength.ts'

type Input = { value: string; onChange: (event: { currentTarget: { value: string } }) => void; error: string | undefined }

/** The field, with a hint below. */
export function NewPassword({ input, label = 'Password', isFirst = false }: { input: Input; label?: string; isFirst?: boolean }) {
  const strength = passwordStrength(input.value)
  return (
    <div>
      <PasswordInput
        label={label}
        description={`At least ${LEAST_LENGTH} characters; several words make a good one`}
        autoComplete="new-password"
        required
        autoFocus={isFirst}
        minLength={LEAST_LENGTH}
        maxLength={200}
        {...input}
      />
      <Progress value={strength.percent} color={strength.color} size={4} mt={8} aria-label="Strength of the password" />
      <Text size="xs" mt={4} c="dimmed" aria-live="polite">
        {strength.hint}
      </Text>
    </div>
  )
}
