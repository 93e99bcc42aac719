/**
 * SIGUSR1 opens Node's inspector as long as nobody listens to it, and ends the process when whoever listened has left. It comes whenever whoever rotates logs
 * sends it: imported before everything else, this keeps it harmless from the beginning of a process to its end.
 */
process.on('SIGUSR1', () => undefined)
