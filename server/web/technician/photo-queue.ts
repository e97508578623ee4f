/** Photos that wait on the phone until the server has them: in the browser's own database, because they are large. */

const DATABASE = 'kioskeeper-job-photos'
const STORE = 'photos'
const LONGEST_SIDE = 1600

export type WaitingPhoto = { id: number; token: string; bytes: Blob }

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE, { keyPath: 'id', autoIncrement: true }))
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('no database')))
  })
}

async function act<Result>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const database = await open()
  try {
    return await new Promise<Result>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const request = work(transaction.objectStore(STORE))
      transaction.addEventListener('complete', () => resolve(request.result))
      transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('not kept')))
    })
  } finally {
    database.close()
  }
}

export async function keepPhoto(token: string, bytes: Blob): Promise<void> {
  await act('readwrite', store => store.add({ token, bytes }))
}
export async function waitingPhotos(token: string): Promise<WaitingPhoto[]> {
  const all = await act('readonly', store => store.getAll() as IDBRequest<WaitingPhoto[]>)
  return all.filter(photo => photo.token === token)
}
export async function dropPhoto(id: number): Promise<void> {
  await act('readwrite', store => store.delete(id))
}

/** A photo small enough for a poor network; as it is when the browser cannot read it. */
export async function shrink(file: Blob): Promise<Blob> {
  try {
    const bitmap = await createImageBitmap(file)
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(bitmap.width * scale)
    canvas.height = Math.round(bitmap.height * scale)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    const small = await new Promise<Blob | null>(resolve => {
      canvas.toBlob(resolve, 'image/jpeg', 0.85)
    })
    return small ?? file
  } catch {
    return file
  }
}
