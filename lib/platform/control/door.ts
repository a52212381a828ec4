// What a door is to who keeps the doors.

import type { DoorPlan } from '../../config/plan/control-plan.ts'

export interface Door {
  /** Its path, or its address and port. */
  readonly name: string
  /** Resolves when it is open; rejects with what stands in the way. */
  open(): Promise<void>
  /** Another plan for the same place: nothing is opened again. */
  use(plan: DoorPlan): void
  /** Whoever has asked is answered yet. */
  close(): void
  /** Somebody is. */
  readonly isAnswering: boolean
}

export interface DoorEvents {
  onTrouble(trouble: string): void
  /** Somebody there has said a wrong user or password. */
  onRefusedLogin(from: string): void
}
