import Glibc

// A reader that goes away is an error of the write, not the end of the process.
signal(SIGPIPE, SIG_IGN)
Interruption.watch()

let status = Program.run(Array(CommandLine.arguments.dropFirst()))
Interruption.passOn()
exit(status)
