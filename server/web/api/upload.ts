/** Sends a file as bytes; the server finds out what it is. */
import { ApiProblem, problemOf } from './api-client.ts'

/** POSTs bytes to `/api/v1{path}`; gives the JSON answer. Throws ApiProblem, with status 0 when the server was not reached. */
export async function uploadBytes<Answer>(path: string, bytes: Blob): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/octet-stream' },
      body: bytes,
    })
  } catch {
    throw new ApiProblem({
      status: 0,
      slug: 'unreachable',
      title: 'Not sent',
      detail: 'The server does not answer. Check the network and try again.',
    })
  }
  if (!response.ok) throw await problemOf(response)
  return (await response.json()) as Answer
}
