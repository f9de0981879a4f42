import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

@Suite("Whose trusted root an install believes")
struct TrustSettingsTests {
  private static let (now, day) = (TrustDesk.now, TrustDesk.day)

  private func install(_ desk: TrustDesk, _ change: (inout InstallOptions) -> Void = { _ in }) -> Desk.Said {
    desk.desk.install {
      $0.requireSignature = true
      change(&$0)
    }
  }

  @Test("that of the configured repository, as it is kept; --update refreshes it first")
  func configured() throws {
    let desk = try TrustDesk()
    #expect(install(desk).reason == "trust.cacheMissing")
    #expect(desk.server.requests.isEmpty, "an install asks no repository by itself")
    let said = install(desk) { $0.trust.updates = true }
    #expect(said.status == 0, "\(said.output)")
    #expect(desk.server.requests.count == 5)
    #expect(install(desk) { $0.trust.updates = true }.status == 0)
    #expect(desk.server.requests.count == 5, "once an hour")
  }

  @Test("an update that fails ends the install: nothing is installed by a root that was to be refreshed")
  func failedUpdate() throws {
    let desk = try TrustDesk()
    desk.update()
    desk.server.serve([:])
    desk.desk.set(clock: Self.now + 4000)
    let said = install(desk) { $0.trust.updates = true }
    #expect(said.status == 1 && said.reason == "trust.fileMissing")
    #expect(desk.desk.tree == [])
  }

  @Test("from a home that cannot be written, --update is used once, and says so")
  func readOnlyHome() throws {
    let desk = try TrustDesk()
    desk.desk.set("SIGSTORE_NO_CACHE", "1")
    let said = install(desk) { $0.trust.updates = true }
    #expect(said.status == 0, "\(said.output)")
    let other = try TrustDesk()
    other.desk.set("TUF_ROOT", other.desk.folder + "/home/file")
    try Data().write(to: URL(fileURLWithPath: other.desk.folder + "/home/file"))
    let used = install(other) { $0.trust.updates = true }
    #expect(used.status == 0, "\(used.output)")
    #expect(used.warnings.contains { $0.contains("used once") })
  }

  @Test("so is it where a state is kept already, which still counts")
  func readOnlyState() throws {
    let desk = try TrustDesk()
    let old = desk.published.files
    desk.publish { $0.advance() }
    desk.update()
    let kept = desk.kept
    // Nobody takes rights from root: a file in the place of a folder stands in, and a new root has to be written there.
    let folder = try #require(desk.pack.map { ($0 as NSString).deletingLastPathComponent })
    try Data().write(to: URL(fileURLWithPath: folder + "/root_history"))
    desk.publish {
      $0.rotate()
      $0.advance()
    }
    desk.desk.set(clock: TrustDesk.now + 7200)
    let used = install(desk) { $0.trust.updates = true }
    #expect(used.status == 0 && used.warnings.contains { $0.contains("used once") }, "\(used.output)")
    #expect(desk.kept.filter { !$0.key.contains("root_history") } == kept)
    desk.server.serve(old)
    #expect(install(desk) { $0.trust.updates = true }.reason == "trust.rollback")
  }

  @Test("trusted_root.json of the configuration comes first, and the flag before it")
  func order() throws {
    let sample = SampleRelease()
    let desk = try TrustDesk(sample)
    let other = VirtualSigstore(seed: "another world").trustedRoot().rendered
    try desk.desk.write("config/extensions/trusted_root.json", other)
    #expect(install(desk).kind == "CosignFailed")
    try desk.desk.write("config/extensions/trusted_root.json", sample.world.trustedRoot().rendered)
    #expect(install(desk).status == 0)
    try desk.desk.write("other.json", other)
    #expect(install(desk) { $0.trust.rootFile = desk.desk.folder + "/other.json" }.kind == "CosignFailed")
    #expect(
      install(desk) {
        $0.trust.rootFile = desk.desk.folder + "/other.json"
        $0.trust.updates = true
      }.kind == "FlagsConflict")
  }

  @Test("a maximum age: the stricter of flag and configuration, and an unknown age is none")
  func age() throws {
    let desk = try TrustDesk()
    desk.update()
    desk.desk.set(clock: Self.now + 20 * Self.day)
    #expect(install(desk).status == 0)
    #expect(install(desk) { $0.trust.maximumAge = 20 }.status == 0)
    let old = install(desk) { $0.trust.maximumAge = 19 }
    #expect(old.status == 1 && old.kind == "CosignFailed" && old.reason == "trust.tooOld")
    #expect(old.text("presented") == "20 days" && old.text("expected") == "at most 19 days")
    try desk.write("mirror = \"\(desk.server.address)\"\nroot = \"root.json\"\nmax_age_days = 19\n")
    #expect(install(desk).reason == "trust.tooOld")
    #expect(install(desk) { $0.trust.maximumAge = 1000 }.reason == "trust.tooOld")
    // A clock before the last refresh says nothing about age.
    desk.desk.set(clock: Self.now - 2 * Self.day)
    #expect(install(desk).reason == "trust.tooOld")
    try desk.desk.write("config/extensions/trusted_root.json", SampleRelease().world.trustedRoot().rendered)
    #expect(install(desk).reason == "trust.tooOld")
  }

  @Test("a stale root is used, with a warning and a caution")
  func stale() throws {
    let desk = try TrustDesk()
    desk.update()
    desk.desk.set(clock: Self.now + 7 * Self.day)
    let said = install(desk)
    #expect(said.status == 0)
    #expect(said.warnings.contains { $0.contains("trust.stale") })
    let verification = said.json["verification"] as? [String: Any]
    let cautions = verification?["cautions"] as? [[String: Any]] ?? []
    #expect(cautions.contains { $0["code"] as? String == "trust.stale" })
    let trace = verification?["trace"] as? [[String: Any]] ?? []
    let facts = trace.first?["facts"] as? [String: Any]
    #expect(trace.first?["step"] as? String == "trust" && facts?["ageInDays"] as? String == "7")
  }

  @Test(
    "trust.toml: what cannot be understood is refused",
    arguments: [
      "mirror = 5", "root = \"root.json\"", "max_age_days = -1", "max_age_days = \"3\"", "maximum_age = 3", "[trust]",
      "mirror = \"\"", "mirror = \"x\"\nroot = \"none.json\"", "=", "max_age_days = 99999999",
    ])
  func malformed(text: String) throws {
    let desk = try TrustDesk(settings: text)
    #expect(install(desk).kind == "ConfigLoad")
    #expect(desk.show().kind == "ConfigLoad")
    #expect(desk.desk.tree == [])
  }

  @Test("a root to begin with that is none is refused")
  func badRoot() throws {
    let desk = try TrustDesk()
    try Data("{}".utf8).write(to: URL(fileURLWithPath: desk.rootPath))
    #expect(install(desk).reason == "trust.metadataMalformed")
  }

  @Test("cosign's variables say where an update goes, and nothing else")
  func variables() throws {
    let desk = try TrustDesk()
    let other = try TrustDesk()
    try FileManager.default.removeItem(atPath: desk.desk.config + "/extensions/trust.toml")
    desk.desk.set("TUF_MIRROR", other.server.address)
    desk.desk.set("TUF_ROOT_JSON", other.rootPath)
    desk.desk.set("TUF_ROOT", desk.desk.folder + "/tuf")
    let said = desk.update()
    #expect(said.status == 0, "\(said.output)")
    #expect(other.server.requests.count == 5)
    #expect(FileManager.default.fileExists(atPath: desk.desk.folder + "/tuf"))
    // An install goes by its own configuration: here, Sigstore's embedded root.
    #expect(install(desk).kind == "CosignFailed")
    // An address alone is one more place of the same repository.
    desk.desk.set("TUF_ROOT_JSON", nil)
    desk.desk.set(clock: 1_790_000_000)
    #expect(desk.update().reason == "trust.threshold")
  }

  @Test("flags of `nexo trust` before variables and configuration, and never half of each")
  func flags() throws {
    let desk = try TrustDesk()
    let other = try TrustDesk()
    let said = desk.update {
      $0.mirror = other.server.address
      $0.root = desk.rootPath
    }
    #expect(said.status == 0 && other.server.requests.count == 5 && desk.server.requests.isEmpty)
    #expect(desk.update { $0.root = desk.rootPath }.kind == "Usage")
    #expect(desk.update { $0.root = "/no/such" }.kind == "Io")
    #expect(
      desk.update {
        $0.root = desk.rootPath
        $0.isStaging = true
      }.kind == "FlagsConflict")
  }
}
