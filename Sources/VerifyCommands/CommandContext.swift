public import Glibc
public import RekorCheck
public import SigstoreBundle
public import SigstoreVerify
import WireCoding

/// What a command may touch of the world, as a value: a test hands in another one.
public struct CommandContext {
  /// `argv[0]`. Its last part decides whether the program behaves as cosign.
  public let programName: [UInt8]
  /// Without `argv[0]`, as bytes: a path need not be UTF-8.
  public let arguments: [[UInt8]]
  /// The environment. A variable's value may be a path, so it is bytes.
  public let variables: [String: [UInt8]]
  /// Asks a log for the entry of a signature, by the log's address (nil: the public log); nil where this program has no network. It serves
  /// many threads.
  public let lookUp: (@Sendable (LogQuery, String?) throws(VerificationFailure) -> [LogEntry])?
  /// Holds a log that was asked to what it showed before, by the trusted logs and its address; nil where this program asks none.
  public let observe: (@Sendable (VerifiedCheckpoint, [TransparencyLog], String?) throws(VerificationFailure) -> Bool)?
  /// The time of day. An error of the clock is the year 1970, in which nothing had been signed yet.
  public let clock: () -> timespec
  /// A descriptor.
  public let standardInput: Int32
  public let standardOutput: OutputChannel
  public let standardError: OutputChannel

  public init(
    programName: [UInt8], arguments: [[UInt8]], variables: [String: [UInt8]], clock: @escaping () -> timespec,
    standardInput: Int32, standardOutput: OutputChannel, standardError: OutputChannel,
    lookUp: (@Sendable (LogQuery, String?) throws(VerificationFailure) -> [LogEntry])? = nil,
    observe: (@Sendable (VerifiedCheckpoint, [TransparencyLog], String?) throws(VerificationFailure) -> Bool)? = nil
  ) {
    self.observe = observe
    self.lookUp = lookUp
    self.programName = programName
    self.arguments = arguments
    self.variables = variables
    self.clock = clock
    self.standardInput = standardInput
    self.standardOutput = standardOutput
    self.standardError = standardError
  }

  var now: UnixTime {
    let reading = clock()
    let seconds = Int64(reading.tv_sec)
    return UnixTime(seconds: seconds, nanoseconds: UInt32(clamping: reading.tv_nsec)) ?? UnixTime(seconds: seconds)
  }

  /// The program by the last part of its name, and its arguments.
  var commandLine: [[UInt8]] {
    [programName.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? Array("nexo-verify".utf8)] + arguments
  }

  /// Run by a link of that name, the program keeps to cosign's exit statuses and lines.
  var isCosign: Bool {
    programName.split(separator: UInt8(ascii: "/")).last?.elementsEqual("cosign".utf8) ?? false
  }
}
