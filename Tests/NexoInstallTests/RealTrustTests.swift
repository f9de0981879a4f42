import Foundation
import Support
import Testing

@testable import NexoInstall

private let repositories = ProjectFolder.realVectors + "/../tuf-repo"

/// Sigstore's own repositories as they were served, on loopback and under a clock of their time: `../shared/tuf-repo` from the project's
/// root. Without that folder the suite is reported as skipped.
@Suite(
  "nexo trust with Sigstore's repositories",
  .enabled(if: ProjectFolder.isFolder(repositories), "../shared/tuf-repo is not there"))
struct RealTrustTests {
  private static let august2025: Int64 = 1_754_179_200  // 2025-08-03
  private static let august2026: Int64 = 1_787_356_800  // 2026-08-22

  private let server: TUFServer
  private let desk: Desk

  init() throws {
    desk = try Desk()
    server = try TUFServer([:])
  }

  private static func files(_ name: String) -> [String: [UInt8]] {
    let folder = "\(repositories)/\(name)"
    let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        ProjectFolder.isFolder("\(folder)/\(name)")
          ? nil : ProjectFolder.contents("\(folder)/\(name)").map { (name, $0) }
      })
  }

  private func update(_ state: String, at time: Int64, _ change: (inout RepositoryChoice) -> Void = { _ in })
    -> Desk.Said
  {
    server.serve(Self.files(state))
    desk.set(clock: time)
    var choice = RepositoryChoice(configFolder: desk.config)
    choice.isJSON = true
    choice.mirror = server.address
    change(&choice)
    return desk.run { TrustCommands.update(choice, in: $0) }
  }

  @Test("case 48: 2025, then 2026, then 2025 again: two updates, and a rollback that changes nothing")
  func years() throws {
    let first = update("production-2025-08", at: Self.august2025)
    #expect(first.status == 0, "\(first.output)")
    #expect(first.version("timestamp") == 422 && first.version("snapshot") == 161 && first.version("targets") == 12)
    #expect(first.warnings.contains { $0.contains("older than the embedded trusted root") })
    let second = update("production-2026-08", at: Self.august2026)
    #expect(second.status == 0, "\(second.output)")
    #expect(second.version("timestamp") == 762 && second.version("snapshot") == 165 && second.version("targets") == 14)
    #expect(second.changes.contains { $0.contains("log2025-1.rekor.sigstore.dev") && $0.hasPrefix("+ ") })
    let kept = FileManager.default.contents(atPath: pack)
    #expect(kept != nil)
    let third = update("production-2025-08", at: Self.august2026)
    #expect(third.status == 1 && third.reason == "trust.rollback")
    #expect(FileManager.default.contents(atPath: pack) == kept)
  }

  private var pack: String { desk.folder + "/home/.nexo/state/trust/tuf-repo-cdn.sigstore.dev/trust.pack" }

  @Test("from the very first root, with every form of key and date that Sigstore ever had")
  func firstRoot() throws {
    let root = desk.folder + "/1.root.json"
    try Data(try #require(Self.files("production-2026-08")["1.root.json"])).write(to: URL(fileURLWithPath: root))
    let said = update("production-2026-08", at: Self.august2026) { $0.root = root }
    #expect(said.status == 0, "\(said.output)")
    #expect(said.version("root") == 15)
    #expect(server.requests.filter { $0.hasSuffix(".root.json") }.count == 15)
    // Fourteen roots wait on the disk: the second time one is asked for.
    #expect(update("production-2026-08", at: Self.august2026) { $0.root = root }.status == 0)
    #expect(server.requests.filter { $0.hasSuffix(".root.json") }.count == 16)
  }

  @Test("staging, and what is embedded of it is what is served")
  func staging() throws {
    let said = update("staging-2026-08", at: Self.august2026) { $0.isStaging = true }
    #expect(said.status == 0 && said.version("timestamp") == 703, "\(said.output)")
    #expect(said.changes.isEmpty)
  }

  @Test(
    "case 48: a day after the timestamp's last one it is refused, after the root's too",
    arguments: [(7, true), (8, false), (91, false)])
  func expiry(days: Int, isFresh: Bool) throws {
    // The timestamp ends on 2026-08-28 at 19:25:56, the root on 2026-11-20.
    let said = update("production-2026-08", at: Self.august2026 + Int64(days) * 86_400 - 20_000)
    #expect((said.status == 0) == isFresh && (isFresh || said.reason == "trust.expired"), "\(said.output)")
  }

  @Test("one of the two repositories is none of the other")
  func otherRepository() throws {
    let said = update("staging-2026-08", at: Self.august2026)
    #expect(said.status == 1 && said.reason == "trust.threshold")
  }
}
