import Foundation
import Testing
import WireCoding

@testable import NexoInstall

@Suite("An announced event")
struct AnnouncedEventTests {
  private static let eventID = "7f0c1a52-5b0e-4c86-9d7e-0a1b2c3d4e5f"

  private func event(_ change: LifecycleEvent.Change, folder: String = "/srv/plugins/weather-1.2.3") throws
    -> LifecycleEvent
  {
    LifecycleEvent(id: try #require(PluginID("weather")), version: "1.2.3", pluginFolder: folder, change: change)
  }

  private func text(_ event: LifecycleEvent) -> String {
    let time = UnixTime(seconds: 1_710_869_186, nanoseconds: 250_000_000) ?? UnixTime(seconds: 0)
    return String(decoding: event.envelope(eventID: Self.eventID, at: time), as: UTF8.self)
  }

  @Test("of an install is this JSON, byte for byte", arguments: [true, false])
  func installed(wasThere: Bool) throws {
    let event = try event(.installed(wasAlreadyPresent: wasThere))
    #expect(event.subject == "plugin.lifecycle.weather.installed")
    #expect(
      text(event) == #"{"id":"7f0c1a52-5b0e-4c86-9d7e-0a1b2c3d4e5f","timestamp":"2024-03-19T17:26:26.25Z","#
        + #""topic":"plugin.lifecycle.weather.installed","source":"plugin.cli","session_id":null,"#
        + #""payload":{"plugin_dir":"/srv/plugins/weather-1.2.3","plugin_id":"weather","source":"plugin.cli","#
        + #""version":"1.2.3","was_already_present":\#(wasThere)}}"#)
  }

  @Test("of a removal is this JSON, byte for byte")
  func removed() throws {
    let event = try event(.removed)
    #expect(event.subject == "plugin.lifecycle.weather.removed")
    #expect(
      text(event) == #"{"id":"7f0c1a52-5b0e-4c86-9d7e-0a1b2c3d4e5f","timestamp":"2024-03-19T17:26:26.25Z","#
        + #""topic":"plugin.lifecycle.weather.removed","source":"plugin.cli","session_id":null,"#
        + #""payload":{"plugin_dir":"/srv/plugins/weather-1.2.3","plugin_id":"weather","source":"plugin.cli","#
        + #""version":"1.2.3"}}"#)
  }

  @Test("keeps a folder's name whole, whatever is in it", arguments: ["/a\"b\\c", "/a\nb\u{0}c", "/ü/\u{202e}/🦊"])
  func oddFolder(folder: String) throws {
    let bytes = try event(.removed, folder: folder).envelope(eventID: Self.eventID, at: UnixTime(seconds: 0))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let payload = try #require(object["payload"] as? [String: Any])
    let read = try #require(payload["plugin_dir"] as? String)
    #expect(read.utf8.elementsEqual(folder.utf8))
    #expect(!bytes.contains { $0 < 0x20 })
  }

  @Test("has a random UUID of version 4 in lower case")
  func newID() throws {
    let all = (0..<200).map { _ in LifecycleEvent.newID() }
    #expect(Set(all).count == all.count)
    for id in all {
      #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    }
    // Every bit that the version leaves free takes both values.
    let raw = try all.map { try #require(UUID(uuidString: $0)).uuid }
    let ones = raw.reduce(into: [UInt8](repeating: 0, count: 16)) { sum, next in
      withUnsafeBytes(of: next) { for (index, byte) in $0.enumerated() { sum[index] |= byte } }
    }
    let zeros = raw.reduce(into: [UInt8](repeating: 255, count: 16)) { sum, next in
      withUnsafeBytes(of: next) { for (index, byte) in $0.enumerated() { sum[index] &= byte } }
    }
    let full = [UInt8](repeating: 255, count: 16)
    #expect(ones == full.enumerated().map { $0.offset == 6 ? 0x4f : $0.offset == 8 ? 0xbf : $0.element })
    #expect(zeros == full.indices.map { $0 == 6 ? 0x40 : $0 == 8 ? 0x80 : 0 })
  }
}
