import Glibc
import VerifyCommands

// A reader that goes away is an error of the write, not the end of the process.
signal(SIGPIPE, SIG_IGN)
// So is a limit on the size of files.
signal(SIGXFSZ, SIG_IGN)

let arguments = ProcessWords.arguments

exit(
  VerifyProgram.run(
    CommandContext(
      programName: arguments.first ?? [], arguments: Array(arguments.dropFirst()),
      variables: ProcessWords.variables,
      clock: {
        var time = timespec()
        return clock_gettime(CLOCK_REALTIME, &time) == 0 ? time : timespec()
      },
      standardInput: STDIN_FILENO, standardOutput: OutputChannel(descriptor: STDOUT_FILENO),
      standardError: OutputChannel(descriptor: STDERR_FILENO))))
