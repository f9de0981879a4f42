import Foundation
import SigstoreBundle
import Support
import Testing
import VirtualSigstore
import WireCoding

@testable import NexoInstall

@Suite("nexo trust")
struct TrustCommandTests {
  private static let (now, day) = (TrustDesk.now, TrustDesk.day)

  // MARK: update

  @Test("update keeps the root, says what it is, and the next one says what changed")
  func update() throws {
    let desk = try TrustDesk()
    let first = desk.update()
    #expect(first.status == 0, "\(first.output)")
    #expect(first.version("root") == 1 && first.version("timestamp") == 1)
    #expect(first.flag("stale") == false)
    #expect(first.text("refreshed") == "2027-01-15T08:00:00Z")
    #expect(desk.pack != nil)
    var other = VirtualSigstore(seed: "another world")
    other.useTiledLog()
    desk.publish { published in
      published.rotate()
      published.targets = [("trusted_root.json", other.trustedRoot().bytes)]
      published.advance()
    }
    let second = desk.update()
    #expect(second.status == 0)
    #expect(second.changes.prefix(4) == ["root 1 -> 2", "timestamp 1 -> 2", "snapshot 1 -> 2", "targets 1 -> 2"])
    #expect(second.changes.contains { $0.hasPrefix("+ transparency log ") })
    #expect(second.changes.contains { $0.hasPrefix("- certificate authority ") })
  }

  @Test("a window that changed is a change")
  func window() throws {
    let desk = try TrustDesk()
    desk.update()
    desk.publish { published in
      let text = String(decoding: published.targets[0].1, as: UTF8.self)
        .replacing("\"start\":\"2021-01-01T00:00:00Z\"", with: "\"start\":\"2022-01-01T00:00:00Z\"")
      published.targets = [("trusted_root.json", Array(text.utf8))]
      published.advance()
    }
    let said = desk.update()
    let windows = said.changes.filter { $0.hasPrefix("~ ") }
    #expect(!windows.isEmpty && windows.allSatisfy { $0.contains("2022-01-01") && $0.contains("was 2021-01-01") })
  }

  @Test("the network is asked once an hour, unless it is forced or an address is named")
  func interval() throws {
    let desk = try TrustDesk()
    desk.update { _ in }
    let asked = desk.server.requests.count
    desk.desk.set(clock: Self.now + 3599)
    let said = desk.update { _ in }
    #expect(said.status == 0 && said.flag("was_recent") == true)
    #expect(desk.server.requests.count == asked)
    desk.desk.set(clock: Self.now + 3600)
    #expect(desk.update { _ in }.flag("was_recent") == false)
    #expect(desk.server.requests.count == asked + 2)
    #expect(desk.update { $0.isForced = true }.flag("was_recent") == false)
    // A clock that was set back knows nothing of recent refreshes.
    desk.desk.set(clock: Self.now)
    #expect(desk.update { _ in }.flag("was_recent") == false)
  }

  /// A pack that says it was refreshed at another time.
  private func pack(_ desk: TrustDesk, refreshed: String) throws -> String {
    let (from, to) = (desk.desk.folder + "/from.pack", desk.desk.folder + "/\(refreshed.prefix(4)).pack")
    #expect(desk.export(from).status == 0)
    let text = try String(contentsOfFile: from, encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.contains("\"refreshed\"") })
    try Data(text.replacing(line, with: "  \"refreshed\": \"\(refreshed)\",").utf8).write(to: URL(fileURLWithPath: to))
    return to
  }

  @Test("a pack's own word on its age goes no further than now, and has to be readable when it is kept")
  func refreshedWhenever() throws {
    let desk = try TrustDesk()
    desk.update()
    let future = try pack(desk, refreshed: "9999-01-01T00:00:00Z")
    let odd = try pack(desk, refreshed: "0000-01-01T00:00:00+23:59")
    try FileManager.default.removeItem(atPath: desk.home)
    #expect(desk.import(odd).reason == "trust.packMalformed")
    #expect(desk.pack == nil)
    let said = desk.import(future)
    #expect(said.status == 0 && said.text("refreshed") == "2027-01-15T08:00:00Z", "\(said.output)")
    #expect(desk.show().status == 0)
  }

  @Test("verify says of a pack what import would, and writes nothing")
  func verifyAsImport() throws {
    let desk = try TrustDesk()
    desk.update()
    let old = try pack(desk, refreshed: "2027-01-15T08:00:00Z")
    #expect(desk.verify(old).status == 0)
    desk.publish { $0.advance() }
    desk.update()
    let kept = desk.kept
    #expect(desk.verify(old).reason == "trust.rollback" && desk.import(old).reason == "trust.rollback")
    #expect(desk.kept == kept)
    try FileManager.default.removeItem(atPath: desk.home)
    #expect(desk.verify(old).status == 0)
    #expect(!FileManager.default.fileExists(atPath: desk.home))
    let unreadable = try TrustDesk()
    unreadable.publish { $0.targets = [("trusted_root.json", Array("{}".utf8))] }
    #expect(unreadable.update().reason == "trust.metadataMalformed")
  }

  @Test("a delegated role that leads to the trusted root counts for its age")
  func delegatedExpiry() throws {
    let desk = try TrustDesk()
    let key = VirtualKey(.p256, seed: "a delegated key")
    desk.publish { published in
      var short = published.repository
      short.expires = Self.now + Self.day
      published.delegations = .object([
        ("keys", VirtualRepository.keys([key])),
        (
          "roles",
          .array([
            .object([
              ("name", .text("inner")), ("keyids", .array([.text(VirtualRepository.keyID(key))])),
              ("threshold", .raw("1")), ("terminating", .raw("false")), ("paths", .array([.text("*")])),
            ])
          ])
        ),
      ])
      let file = VirtualRepository.file(short.targetsDraft(3, targets: published.targets), by: [key])
      let target = published.targets[0]
      published.delegated = [("inner", 3, file)]
      published.targets = []
      published.replaced = ["targets/" + PublishedRepository.served(target.0, target.1, true): target.1]
      published.advance()
    }
    let said = desk.update()
    #expect(said.status == 0, "\(said.output)")
    #expect(said.version("inner") == 3 && said.text("fresh_until") == "2027-01-16T08:00:00Z")
    desk.desk.set(clock: Self.now + Self.day + 1)
    #expect(desk.show().flag("stale") == true)
    #expect(desk.verify(try pack(desk, refreshed: "2027-01-15T08:00:00Z")).warnings.contains { $0.contains("inner") })
  }

  @Test("case 48: an older state is refused, and nothing that is kept changes")
  func rollback() throws {
    let desk = try TrustDesk()
    let old = desk.published.files
    desk.publish { $0.advance() }
    desk.update()
    let kept = desk.kept
    desk.server.serve(old)
    let said = desk.update()
    #expect(said.status == 1)
    #expect(said.kind == "TrustFailed" && said.reason == "trust.rollback")
    #expect(desk.kept == kept)
  }

  @Test("an update that ends half way leaves the last complete state, and still knows what is older")
  func halfWay() throws {
    let desk = try TrustDesk()
    desk.update()
    let pack = try #require(desk.pack.flatMap { FileManager.default.contents(atPath: $0) })
    let old = desk.published.files
    desk.publish { $0.advance() }
    desk.server.serve(desk.published.files.filter { $0.key != "2.targets.json" })
    #expect(desk.update().reason == "trust.fileMissing")
    #expect(desk.pack.flatMap { FileManager.default.contents(atPath: $0) } == pack)
    #expect(desk.show().version("timestamp") == 1)
    desk.server.serve(old)
    #expect(desk.update().reason == "trust.rollback")
  }

  @Test("a trusted root that cannot be read is not taken over")
  func unreadableRoot() throws {
    let desk = try TrustDesk()
    desk.update()
    desk.publish { published in
      published.targets = [("trusted_root.json", Array("{\"mediaType\":\"application/x\"}".utf8))]
      published.advance()
    }
    #expect(desk.update().reason == "trust.metadataMalformed")
    #expect(desk.show().version("timestamp") == 1)
  }

  @Test("case 49: a trusted root that says itself that it is huge is refused before it is fetched")
  func hugeRoot() throws {
    let desk = try TrustDesk()
    desk.update()
    let asked = desk.server.requests.count
    desk.publish { published in
      published.targets = [("trusted_root.json", [UInt8](repeating: 0x20, count: (8 << 20) + 1))]
      published.advance()
    }
    #expect(desk.update().reason == "trust.metadataTooLarge")
    #expect(!desk.server.requests.dropFirst(asked).contains { $0.hasPrefix("targets/") })
  }

  @Test("case 49: trouble on the wire is told by its code, and leaves everything as it was")
  func wire() throws {
    let desk = try TrustDesk(intercept: { $0.number > 4 ? .endless() : nil })
    desk.update()
    let kept = desk.kept
    let said = desk.update()
    #expect(said.reason == "transport.tooLarge" && said.status == 1)
    #expect(desk.kept == kept)
    desk.desk.cancel()
    #expect(desk.update().kind == "Interrupted")
  }

  @Test("no answer at all is an error that says where it asked")
  func nobody() throws {
    let desk = try TrustDesk(settings: "mirror = \"http://127.0.0.1:1/\"\nroot = \"root.json\"\n")
    let said = desk.update()
    #expect(said.status == 1 && said.reason?.hasPrefix("transport.") == true)
    #expect(said.error?.contains("http://127.0.0.1:1/") == true)
  }

  @Test("plain http is for a loopback host alone")
  func plainHTTP() throws {
    let desk = try TrustDesk(settings: "mirror = \"http://tuf.example/\"\nroot = \"root.json\"\n")
    #expect(desk.update().reason == "transport.notHTTPS")
  }

  @Test("case 51: a kept state that was altered is named and replaced by an update, and refused by everything else")
  func altered() throws {
    let desk = try TrustDesk()
    desk.update()
    let pack = try #require(desk.pack)
    try Data("{}".utf8).write(to: URL(fileURLWithPath: pack))
    for said in [
      desk.show(), desk.export(desk.desk.folder + "/x.pack"), desk.desk.install { $0.requireSignature = true },
    ] {
      #expect(said.status == 1 && said.reason == "trust.cacheInvalid", "\(said.output)")
    }
    let said = desk.update()
    #expect(said.status == 0)
    #expect(said.warnings.contains { $0.contains("trust.cacheInvalid") })
    #expect(desk.show().status == 0)
  }

  @Test("case 51: single files that were altered are not believed either")
  func alteredFiles() throws {
    let desk = try TrustDesk()
    desk.update()
    for (name, bytes) in desk.kept where name.hasSuffix(".json") {
      try Data(bytes.map { $0 == 0x31 ? 0x32 : $0 }).write(to: URL(fileURLWithPath: desk.home + "/" + name))
    }
    desk.publish { $0.advance() }
    let said = desk.update()
    #expect(said.status == 0 && said.version("timestamp") == 2)
  }

  @Test("case 51: two updates at once both succeed")
  func together() async throws {
    let desk = try TrustDesk()
    let choice = desk.choice { $0.isForced = true }
    let inner = desk.desk
    let statuses = await withTaskGroup(of: Int32.self) { group in
      for _ in 0..<4 { group.addTask { inner.run { TrustCommands.update(choice, in: $0) }.status } }
      return await group.reduce(into: [Int32]()) { $0.append($1) }
    }
    #expect(statuses == [0, 0, 0, 0])
    #expect(desk.show().version("timestamp") == 1)
  }

  @Test("where nothing can be kept, an update is an error, and says so")
  func unwritable() throws {
    let desk = try TrustDesk()
    try FileManager.default.createDirectory(atPath: desk.desk.folder + "/home/.nexo", withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: desk.desk.folder + "/home/.nexo/state"))
    #expect(desk.update().reason == "trust.cacheUnwritable")
    desk.desk.set("SIGSTORE_NO_CACHE", "true")
    #expect(desk.update().reason == "trust.cacheUnwritable")
  }

  // MARK: show

  @Test("show says what is believed, how old it is, and when its metadata has expired")
  func show() throws {
    let desk = try TrustDesk()
    desk.update()
    let fresh = desk.show()
    #expect(fresh.text("source") == "kept" && fresh.flag("stale") == false)
    desk.desk.set(clock: Self.now + 10 * Self.day)
    let stale = desk.show()
    #expect(stale.status == 0 && stale.flag("stale") == true)
    #expect(stale.json["age_days"] as? Int == 10)
    #expect(stale.warnings.count == 1 && stale.warnings[0].contains("expired 2027-01-22T08:00:00Z, 3 days ago"))
    let lines = desk.show { $0.isJSON = false }
    #expect(lines.messages.split(separator: "\n").filter { $0.contains("stale") }.count == 1)
    #expect(lines.output.contains("timestamp  1        2027-01-22T08:00:00Z  expired 3 days ago"))
    #expect(lines.output.contains("transparency log: https://rekor.virtual.test"))
  }

  @Test("show without any update is about the embedded root, and its own metadata")
  func showEmbedded() throws {
    let desk = try TrustDesk()
    try FileManager.default.removeItem(atPath: desk.desk.config + "/extensions/trust.toml")
    let said = desk.show()
    #expect(said.status == 0, "\(said.output)")
    #expect(said.text("source") == "embedded" && said.text("repository") == "tuf-repo-cdn.sigstore.dev")
    #expect(said.flag("stale") == true)
    #expect(desk.show { $0.isStaging = true }.text("repository") == "tuf-repo-cdn.sigstage.dev")
    desk.desk.set(clock: 1_500_000_000)
    #expect(desk.show().warnings.contains { $0.contains("before this program was made") })
  }

  @Test("an own repository of which nothing is kept is an error with advice")
  func showNothing() throws {
    let desk = try TrustDesk()
    let said = desk.show()
    #expect(said.status == 1 && said.reason == "trust.cacheMissing")
    #expect(said.text("hint")?.contains("nexo trust update") == true)
  }

  @Test("the chart marks now, and who is valid")
  func chart() throws {
    let window = "\"start\":\"2021-01-01T00:00:00Z\""
    let text = String(decoding: VirtualSigstore().trustedRoot().bytes, as: UTF8.self)
    let ended = text.replacing(window, with: window + ",\"end\":\"2022-01-01T00:00:00Z\"", maxReplacements: 1)
    let content = TrustContent(try .init(parsing: Array(ended.utf8)))
    let bars = content.chart(at: .init(seconds: Self.now))
    #expect(bars.count == content.items.count)
    #expect(bars.allSatisfy { $0.count == 40 && $0.filter { $0 == "|" }.count == 1 })
    #expect(bars.contains { $0.hasPrefix("=") && $0.hasSuffix(".") } && bars.contains { $0.hasSuffix("=") })
    #expect(content.chart(at: .init(seconds: 0)).isEmpty)
  }

  // MARK: export, import, verify

  @Test("export on one home, import on another without a network, then an install with --require-signature")
  func carry() throws {
    let online = try TrustDesk()
    online.publish { $0.rotate() }
    online.update()
    let pack = online.desk.folder + "/root.pack"
    #expect(online.export(pack).status == 0)
    let offline = try TrustDesk(settings: "mirror = \"http://127.0.0.1:1/\"\nroot = \"root.json\"\n")
    #expect(offline.desk.install { $0.requireSignature = true }.reason == "trust.cacheMissing")
    #expect(offline.verify(pack).version("root") == 2)
    #expect(offline.kept.isEmpty, "verify keeps nothing")
    let said = offline.import(pack)
    #expect(said.status == 0 && said.version("root") == 2, "\(said.output)")
    let installed = offline.desk.install { $0.requireSignature = true }
    #expect(installed.status == 0, "\(installed.output)")
    #expect(offline.server.requests.isEmpty)
  }

  @Test("a pack that expired on its way is taken over with a warning")
  func staleImport() throws {
    let desk = try TrustDesk()
    desk.update()
    let pack = desk.desk.folder + "/root.pack"
    _ = desk.export(pack)
    let other = try TrustDesk()
    other.desk.set(clock: Self.now + 30 * Self.day)
    let said = other.import(pack)
    #expect(said.status == 0 && said.flag("stale") == true)
    #expect(said.warnings.contains { $0.contains("trust.stale") })
    #expect(other.desk.install { $0.requireSignature = true }.status == 0)
    #expect(
      other.desk.install {
        $0.requireSignature = true
        $0.trust.maximumAge = 29
      }.reason == "trust.tooOld")
  }

  @Test("case 48: an older pack is refused, and nothing that is kept changes")
  func olderImport() throws {
    let desk = try TrustDesk()
    desk.update()
    let pack = desk.desk.folder + "/old.pack"
    _ = desk.export(pack)
    desk.publish { $0.advance() }
    desk.update()
    let kept = desk.kept
    let said = desk.import(pack)
    #expect(said.status == 1 && said.reason == "trust.rollback")
    #expect(desk.kept == kept)
    #expect(desk.verify(pack).reason == "trust.rollback")
  }

  @Test("an older pack than the embedded root is refused too")
  func olderThanEmbedded() throws {
    let desk = try TrustDesk()
    // Its versions are one and one, and it is of another repository: both are reasons.
    desk.update()
    let pack = desk.desk.folder + "/own.pack"
    _ = desk.export(pack)
    let said = desk.desk.run { context in
      var choice = desk.choice()
      choice.isStaging = true
      return TrustCommands.import(pack, choice, in: context)
    }
    #expect(
      said.status == 1 && ["trust.metadataMismatch", "trust.threshold", "trust.rollback"].contains(said.reason ?? ""))
  }

  @Test("importing what is known already is fine, and makes nothing older")
  func sameImport() throws {
    let desk = try TrustDesk()
    desk.update()
    let pack = desk.desk.folder + "/same.pack"
    _ = desk.export(pack)
    desk.desk.set(clock: Self.now + Self.day)
    desk.update()
    let said = desk.import(pack)
    #expect(said.status == 0 && said.changes.isEmpty)
    #expect(desk.show().text("refreshed") == "2027-01-16T08:00:00Z")
  }

  @Test(
    "case 51: a pack that is damaged is refused, and nothing is kept of it",
    arguments: ["", "{}", "half", "flipped"])
  func damagedImport(kind: String) throws {
    let desk = try TrustDesk()
    desk.update()
    let pack = desk.desk.folder + "/x.pack"
    _ = desk.export(pack)
    var bytes = [UInt8](FileManager.default.contents(atPath: pack) ?? Data())
    switch kind {
    case "half": bytes = Array(bytes.prefix(bytes.count / 2))
    case "flipped": bytes[bytes.count - 60] ^= 1
    default: bytes = Array(kind.utf8)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: pack))
    let other = try TrustDesk()
    for said in [other.import(pack), other.verify(pack)] {
      #expect(said.status == 1 && ["trust.packMalformed", "trust.targetMismatch"].contains(said.reason ?? ""))
    }
    #expect(other.kept.isEmpty)
  }

  @Test("export replaces a file as a whole, and no folder")
  func exportTarget() throws {
    let desk = try TrustDesk()
    desk.update()
    let path = desk.desk.folder + "/out"
    try Data("old".utf8).write(to: URL(fileURLWithPath: path))
    #expect(desk.export(path).status == 0)
    #expect(desk.verify(path).status == 0)
    try FileManager.default.createDirectory(atPath: path + ".d", withIntermediateDirectories: true)
    #expect(desk.export(path + ".d").kind == "Io")
    #expect(desk.export(desk.desk.folder + "/no/such/place").kind == "Io")
    #expect(desk.import(desk.desk.folder + "/none").kind == "Io")
    let names = try FileManager.default.contentsOfDirectory(atPath: desk.desk.folder)
    #expect(!names.contains { $0.hasPrefix(".") })
  }
}
