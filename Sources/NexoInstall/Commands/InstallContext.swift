import Glibc
public import WireCoding

/// What a command gets of the process around it. Tests put their own in its place.
public struct InstallContext: Sendable {
  public let environment: [String: String]
  public let currentFolder: String
  public let now: @Sendable () -> UnixTime
  /// Standard output: the one line of `--json`, or the table of `list`. False if it could not be written.
  public let output: @Sendable (String) -> Bool
  /// Standard error: everything for people.
  public let messages: @Sendable (String) -> Void
  /// Whether standard error is a terminal, so that a line may be drawn again and again.
  public let showsProgress: Bool
  /// Whether the user has asked to stop.
  public let isCancelled: @Sendable () -> Bool

  public init(
    environment: [String: String], currentFolder: String, now: @escaping @Sendable () -> UnixTime,
    output: @escaping @Sendable (String) -> Bool, messages: @escaping @Sendable (String) -> Void,
    showsProgress: Bool, isCancelled: @escaping @Sendable () -> Bool
  ) {
    self.environment = environment
    self.currentFolder = currentFolder
    self.now = now
    self.output = output
    self.messages = messages
    self.showsProgress = showsProgress
    self.isCancelled = isCancelled
  }
}
