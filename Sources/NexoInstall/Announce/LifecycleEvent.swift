import VerdictReport
import WireCoding

/// What the daemon is told of a plugin that came or went.
struct LifecycleEvent: Sendable {
  enum Change: Sendable, Hashable {
    case installed(wasAlreadyPresent: Bool)
    case removed
  }

  let id: PluginID
  let version: String
  let pluginFolder: String
  let change: Change

  static let source = "plugin.cli"

  /// An id holds neither dots nor wildcards, so it is one token of the subject.
  var subject: String {
    switch change {
    case .installed: "plugin.lifecycle.\(id.text).installed"
    case .removed: "plugin.lifecycle.\(id.text).removed"
    }
  }

  /// nexo-rs's Event as JSON: what the daemon decodes.
  func envelope(eventID: String, at time: UnixTime) -> [UInt8] {
    var payload: [(String, JSONOutput)] = [
      ("plugin_dir", .text(pluginFolder)), ("plugin_id", .text(id.text)), ("source", .text(Self.source)),
      ("version", .text(version)),
    ]
    if case .installed(let wasThere) = change { payload.append(("was_already_present", .bool(wasThere))) }
    return Array(
      JSONOutput.object([
        ("id", .text(eventID)), ("timestamp", .text(time.rfc3339)), ("topic", .text(subject)),
        ("source", .text(Self.source)), ("session_id", .null), ("payload", .object(payload)),
      ]).rendered.utf8)
  }

  /// UUID version 4, RFC 9562, 5.4.
  static func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes[6] = bytes[6] & 0x0f | 0x40
    bytes[8] = bytes[8] & 0x3f | 0x80
    let hex = Array(Hex.encode(bytes))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }.joined(separator: "-")
  }
}
