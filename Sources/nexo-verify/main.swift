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

/// The first of a name wins, as getenv has it.
let variables = Dictionary(
  words(environ).map { entry in
    let name = entry.prefix { $0 != UInt8(ascii: "=") }
    return (String(decoding: name, as: UTF8.self), Array(entry.dropFirst(name.count + 1)))
  }, uniquingKeysWith: { first, _ in first })
let arguments = words(CommandLine.unsafeArgv)

exit(
  VerifyProgram.run(
    CommandContext(
      programName: arguments.first ?? [], arguments: Array(arguments.dropFirst()),
      variables: variables,
      clock: {
        var time = timespec()
        return clock_gettime(CLOCK_REALTIME, &time) == 0 ? time : timespec()
      },
      standardInput: STDIN_FILENO, standardOutput: OutputChannel(descriptor: STDOUT_FILENO),
      standardError: OutputChannel(descriptor: STDERR_FILENO))))
