// The options of replies of DHCPv4.

import type { OptionsOfClasses } from '../config/plan/option-set.ts'
import { type ReplyForm, ReplyOptions } from '../dhcp/reply-options.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import { type Selection, selectionOf } from './selection.ts'
import { hearVendors } from './vendor-options.ts'

const FORM: ReplyForm<Query4, Selection> = {
  requestList: (query) => query.octets(OPTION4.parameterRequestList) ?? '',
  hearVendors,
  select: selectionOf,
}

export class ReplyOptions4 extends ReplyOptions<Query4, Selection> {
  constructor(ofClasses: OptionsOfClasses = []) {
    super(FORM, ofClasses)
  }
}
