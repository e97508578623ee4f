/** The server's API for programs that stand outside of it. */

export type ServerApi = {
  /** One call under /api/v1; throws with the server's own words unless it succeeds. */
  call<Body>(method: string, path: string, body?: unknown): Promise<Body>
}

/** Speaks to a server with a bearer token. */
export function serverApi(url: string, token: string): ServerApi {
  const base = `${url.replace(/\/$/, '')}/api/v1`
  return {
    async call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
      const response = await fetch(base + path, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch((error: Error) => {
        throw new Error(
          `${url} does not answer (${error.cause instanceof Error ? error.cause.message : error.message}). Is the server running?`,
        )
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`)
      return (text === '' ? null : JSON.parse(text)) as Body
    },
  }
}
