/** A client's desk as its people see it, behind whatever interface: tickets, states, comments. Time is the test's. */

export type ModelComment = { id: string; text: string; isPublic: boolean; by: 'us' | 'them'; atMs: number }
export type ModelTicket = {
  id: string
  key: string
  subject: string
  description: string
  state: string
  priority: string
  by: 'us' | 'them'
  reference: string | null
  comments: ModelComment[]
  files: string[]
  updatedAtMs: number
  changes: number
}
/** `onChange` is called after every change, with who made it: that is where webhooks come from. */
export type DeskModel = ReturnType<typeof makeDeskModel>

/** Makes an empty desk. `idOf` turns a number into an id as that kind of desk writes it. */
export function makeDeskModel(now: () => number, firstState: string, idOf: (n: number) => string = String) {
  const tickets = new Map<string, ModelTicket>()
  let count = 0
  const listeners: ((ticket: ModelTicket, by: 'us' | 'them', comment: ModelComment | null) => void)[] = []
  const touched = (ticket: ModelTicket, by: 'us' | 'them', comment: ModelComment | null = null): void => {
    ticket.updatedAtMs = now()
    ticket.changes += 1
    for (const listener of listeners) listener(ticket, by, comment)
  }
  const nextId = (): string => idOf((count += 1))
  const need = (id: string): ModelTicket => {
    const ticket = tickets.get(id)
    if (!ticket) throw new Error(`no ticket ${id}`)
    return ticket
  }
  return {
    tickets,
    nextId,
    onChange: (listener: (ticket: ModelTicket, by: 'us' | 'them', comment: ModelComment | null) => void) => void listeners.push(listener),
    create(input: Pick<ModelTicket, 'subject' | 'description' | 'by'> & Partial<ModelTicket>): ModelTicket {
      const id = nextId()
      const ticket: ModelTicket = {
        id,
        key: `T-${id}`,
        state: firstState,
        priority: '3',
        reference: null,
        comments: [],
        files: [],
        updatedAtMs: now(),
        changes: 0,
        ...input,
      }
      tickets.set(id, ticket)
      touched(ticket, input.by)
      return ticket
    },
    comment(id: string, input: Pick<ModelComment, 'text' | 'isPublic' | 'by'>): ModelComment {
      const comment: ModelComment = { id: nextId(), atMs: now(), ...input }
      need(id).comments.push(comment)
      touched(need(id), input.by, comment)
      return comment
    },
    setState(id: string, state: string, by: 'us' | 'them'): void {
      need(id).state = state
      touched(need(id), by)
    },
    /** Other fields: subject, priority. */
    change(id: string, change: Partial<ModelTicket>, by: 'us' | 'them'): void {
      Object.assign(need(id), change)
      touched(need(id), by)
    },
  }
}

/** A request as a stand-in sees it. `text` is the body. */
export type StandInRequest = {
  method: string
  path: string
  query: Readonly<Record<string, string>>
  headers: Readonly<Record<string, string>>
  text: string
}
export type StandInAnswer = { status: number; body?: unknown; headers?: Record<string, string> }
/** A webhook on its way to us. */
export type Hook = { raw: Buffer; headers: Record<string, string> }
/** One desk to run against: answers calls, and makes the webhook of a change. */
export type StandIn = {
  handle(request: StandInRequest): StandInAnswer
  hook(ticket: ModelTicket, comment: ModelComment | null, secret: string): Hook
}

/** A body as text at a path, null where there is nothing. */
export type BodyReader = (...path: readonly string[]) => string | null

/** JSON of a body, read by path; numbers and flags come as text. */
export function bodyOf(request: StandInRequest): BodyReader {
  const whole: unknown = request.text === '' ? {} : JSON.parse(request.text)
  return (...path) => {
    let here = whole
    for (const part of path) here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[part] : undefined
    return here === undefined || here === null ? null : typeof here === 'string' ? here : JSON.stringify(here)
  }
}
