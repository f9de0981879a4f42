@preconcurrency import Glibc
import VerifyCommands

// A reader that goes away is an error of the write, not the end of the process.
signal(SIGPIPE, SIG_IGN)
// So is a limit on the size of files.
signal(SIGXFSZ, SIG_IGN)

/// The strings of a list that ends with a null pointer, as bytes: arguments need not be UTF-8.
func words(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [[UInt8]] {
  var words: [[UInt8]] = []
  var next = list
  while let pointer = next, let word = pointer.pointee {
    words.append(UnsafeRawBufferPointer(start: word, count: strlen(word)).map { $0 })
    next = pointer + 1
  }
  return words
}

let arguments = words(CommandLine.unsafeArgv)

exit(
  VerifyProgram.run(
    CommandContext(
      programName: arguments.first ?? [], arguments: Array(arguments.dropFirst()),
      variableNames: words(environ).map { String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self) },
      clock: {
        var time = timespec()
        return clock_gettime(CLOCK_REALTIME, &time) == 0 ? time : timespec()
      },
      standardInput: STDIN_FILENO, standardOutput: OutputChannel(descriptor: STDOUT_FILENO),
      standardError: OutputChannel(descriptor: STDERR_FILENO))))
