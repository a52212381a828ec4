// Loaded before a server: its calendar is wrong by so many milliseconds.

const by = Number(process.env.WHIO_SKEW)
const now = Date.now
Date.now = () => now() + by
