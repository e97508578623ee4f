/** Files that go with the reply: chosen or pasted, sent at once, kept until the message takes them. */
import { ActionIcon, Button, FileButton, Loader } from '@mantine/core'
import { IconPaperclip, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { Attachment } from '../../../shared/api/mail/intake-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { changeReply, useReply } from '../replies/reply-store.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { uploadBytes } from '../api/upload.ts'
import { sizeWords } from './size-words.ts'
import './attachments.css'

/** What the composer needs: to add files (also pasted ones), and to know whether some are on their way. */
export function useWaitingFiles(ticketId: string) {
  const { files } = useReply(ticketId)
  const add = useMutation({
    mutationFn: async (chosen: readonly File[]) => {
      const given: Attachment[] = []
      for (const file of chosen)
        given.push(
          await uploadBytes<Attachment>(`/tickets/${ticketId}/attachments${queryText({ name: file.name || 'picture.png' })}`, file),
        )
      return given
    },
    onSuccess: given =>
      changeReply(ticketId, { files: [...files, ...given.map(({ id, name, bytes }) => ({ id, name, bytes }))].slice(0, 10) }),
    meta: { isShownInPlace: true },
  })
  const remove = useMutation({
    mutationFn: (id: string) => callApi('DELETE', `/attachments/${id}`).catch(() => undefined),
    onSettled: (_answer, _error, id) => changeReply(ticketId, { files: files.filter(file => file.id !== id) }),
  })
  return { files, add, remove }
}

type Waiting = ReturnType<typeof useWaitingFiles>

/** Chooses files. */
export function AttachButton({ waiting }: { waiting: Waiting }) {
  return (
    <FileButton multiple onChange={chosen => chosen.length > 0 && waiting.add.mutate(chosen)}>
      {props => (
        <Button {...props} variant="default" size="compact-sm" leftSection={<IconPaperclip size={15} aria-hidden />}>
          Attach
        </Button>
      )}
    </FileButton>
  )
}

/** What goes with the reply; nothing while there is none. */
export function WaitingFiles({ waiting }: { waiting: Waiting }) {
  const { files, add, remove } = waiting
  return (
    <>
      {(files.length > 0 || add.isPending) && (
        <ul className="files" aria-label="Files that go with it">
          {files.map(file => (
            <li key={file.id} className="file">
              {file.name} <span className="quiet">{sizeWords(file.bytes)}</span>
              <ActionIcon
                size="xs"
                variant="subtle"
                color="gray"
                aria-label={`Leave out ${file.name}`}
                onClick={() => remove.mutate(file.id)}
              >
                <IconX size={13} aria-hidden />
              </ActionIcon>
            </li>
          ))}
          {add.isPending && (
            <li className="file" role="status">
              <Loader size={13} /> sending
            </li>
          )}
        </ul>
      )}
      <ProblemAlert error={add.error} />
    </>
  )
}
