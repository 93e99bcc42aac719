import { emit } from '../events.ts'
import { type Backdoor, type BackdoorContext, startBackdoor } from './backdoor.ts'
import { type BackdoorConf, readBackdoorPlace } from './backdoor-place.ts'

/** Throws ConfigError for a `backdoor_port` that is none. */
export function checkBackdoor(conf: Partial<BackdoorConf>): void {
  readBackdoorPlace(complete(conf))
}

/** The backdoor of a process, which works on without it where it cannot be had: one port is enough for one process. Rejects never. */
export async function openBackdoor(conf: Partial<BackdoorConf>, context: BackdoorContext): Promise<Backdoor | null> {
  try {
    const backdoor = await startBackdoor(complete(conf), context)
    if (backdoor !== null && context.service !== undefined) context.service.backdoorPort = backdoor.port
    return backdoor
  } catch (error) {
    emit('backdoor.warning', { message: `No backdoor in process ${process.pid}: ${error instanceof Error ? error.message : String(error)}` })
    return null
  }
}

function complete({ backdoor_socket = null, backdoor_port = null }: Partial<BackdoorConf>): BackdoorConf {
  return { backdoor_socket, backdoor_port }
}
