import Glibc
import VerifyCommands

// A reader that goes away is an error of the write, not the end of the process.
signal(SIGPIPE, SIG_IGN)
// So is a limit on the size of files: what is half written has to be taken away again.
signal(SIGXFSZ, SIG_IGN)
Interruption.watch()

let status = Program.run(Array(ProcessWords.arguments.dropFirst()))
Interruption.passOn()
exit(status)
