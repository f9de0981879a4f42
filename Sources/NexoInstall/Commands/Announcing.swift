import FileSystem

/// Tells the daemon over its broker, where the configuration names one. Best effort: it changes no exit status.
struct Announcing {
  let settings: Settings
  let reporter: Reporter

  /// True if the broker confirmed.
  func announce(_ event: LifecycleEvent) -> Bool {
    guard let broker = settings.broker, broker.kind == .nats else { return false }
    var seed: [UInt8]?
    if let path = broker.nkeySeedFile {
      do throws(SystemError) { seed = try InputFile.read(path: path, limit: 4096) } catch {
        reporter.warn("the broker's nkey file \(path) cannot be read: \(error.text)")
        return false
      }
    }
    guard let problem = Announcer.announce(event, to: BrokerAddress(urls: broker.url, nkeySeed: seed)) else {
      return true
    }
    reporter.warn("the broker took no event: \(problem)")
    return false
  }
}
