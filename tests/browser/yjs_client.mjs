// A stock y-websocket client: joins a room, says after each change what it has, and types what it is told on stdin.
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const [, , url, room, query] = process.argv
const doc = new Y.Doc()
const params = Object.fromEntries(new URLSearchParams(query))
const provider = new WebsocketProvider(url, room, doc, { WebSocketPolyfill: WebSocket, params })
const cells = doc.getArray('cells')
const show = () => console.log(JSON.stringify(cells.map(cell => cell.get('source').toString())))

provider.on('sync', show)
doc.on('update', show)
createInterface({ input: process.stdin }).on('line', line => cells.get(0).get('source').insert(0, line))
