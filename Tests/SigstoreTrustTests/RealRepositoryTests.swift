import SigstoreTrust
import Support
import Testing
import WireCoding

private let repositories = ProjectFolder.realVectors + "/../tuf-repo"

/// Sigstore's own repositories as they were served, kept beside the project and not in it: `../shared/tuf-repo` from the project's
/// root. Without that folder the suite is reported as skipped.
@Suite("Sigstore's repositories", .enabled(if: ProjectFolder.isFolder(repositories), "../shared/tuf-repo is not there"))
struct RealRepositoryTests {
  struct State: Sendable, CustomTestStringConvertible {
    let name: String
    let roots: Int
    let timestamp: Int
    let snapshot: Int
    let targets: Int
    /// A time at which nothing of it had expired, in RFC 3339.
    let time: String
    var testDescription: String { name }
  }

  private static let states = [
    State(
      name: "production-2025-08", roots: 13, timestamp: 0, snapshot: 161, targets: 12, time: "2025-08-02T00:00:00Z"),
    State(
      name: "production-2026-08", roots: 15, timestamp: 762, snapshot: 165, targets: 14, time: "2026-08-22T00:00:00Z"),
    State(
      name: "staging-2026-08", roots: 14, timestamp: 703, snapshot: 25, targets: 28, time: "2026-08-22T00:00:00Z"),
  ]

  private static func file(_ state: State, _ name: String) throws -> [UInt8] {
    try #require(ProjectFolder.contents("\(repositories)/\(state.name)/\(name)"), "\(state.name)/\(name)")
  }

  private static func afterRoots(_ state: State, at time: String? = nil) throws -> TrustedMetadata {
    var trusted = try TrustedMetadata(
      root: try file(state, "1.root.json"), at: try UnixTime(rfc3339: time ?? state.time))
    for version in 2...state.roots { try trusted.update(root: try file(state, "\(version).root.json")) }
    return trusted
  }

  @Test("every root from the first to the newest, in every form that keys and dates ever had", arguments: states)
  func roots(state: State) throws {
    #expect(try Self.afterRoots(state).rootVersion == state.roots)
  }

  @Test("the whole chain down to the trusted root", arguments: states)
  func chain(state: State) throws {
    var trusted = try Self.afterRoots(state)
    try trusted.update(timestamp: try Self.file(state, "timestamp.json"))
    if state.timestamp > 0 { #expect(trusted.timestampVersion == state.timestamp) }
    #expect(try trusted.wantedSnapshot().version == state.snapshot)
    try trusted.update(snapshot: try Self.file(state, "\(state.snapshot).snapshot.json"))
    #expect(try trusted.wantedTargets(role: "targets").version == state.targets)
    try trusted.update(targets: try Self.file(state, "\(state.targets).targets.json"))
    let target = try #require(try trusted.look(for: "trusted_root.json", in: "targets").target)
    let digest = try #require(target.digests.first { $0.algorithm == .sha256 })
    let bytes = try Self.file(state, "targets/\(Hex.encode(digest.bytes)).trusted_root.json")
    try target.check(bytes)
    #expect(try TrustedRoot(parsing: bytes).transparencyLogs.isEmpty == false)
  }

  @Test("case 48: after its last day nothing of it is believed", arguments: states)
  func expired(state: State) throws {
    var trusted = try Self.afterRoots(state, at: "2030-01-01T00:00:00Z")
    let failure = #expect(throws: MetadataFailure.self) {
      try trusted.update(timestamp: try Self.file(state, "timestamp.json"))
    }
    #expect(failure?.code == .expired)
  }

  @Test("case 48: the older state after the newer is a rollback")
  func rollback() throws {
    let (older, newer) = (Self.states[0], Self.states[1])
    var trusted = try Self.afterRoots(newer)
    try trusted.update(timestamp: try Self.file(newer, "timestamp.json"))
    let failure = #expect(throws: MetadataFailure.self) {
      try trusted.update(timestamp: try Self.file(older, "timestamp.json"))
    }
    // Signed by a key that has been replaced since, or older: either way it is refused.
    #expect([.rollback, .threshold].contains(failure?.code))
    #expect(trusted.timestampVersion == newer.timestamp)
  }

  @Test("one changed byte of what is signed is noticed", arguments: states)
  func changedRoots(state: State) throws {
    let first = try Self.file(state, "1.root.json")
    var second = try Self.file(state, "2.root.json")
    let start = try #require(second.firstRange(of: Array("\"signed\"".utf8))).lowerBound
    // Of the signatures, one of five may be spoilt without harm.
    let end =
      second.firstRange(of: Array("\"signatures\"".utf8)).map { $0.lowerBound > start ? $0.lowerBound : nil } ?? nil
    for position in stride(from: start, to: end ?? second.count, by: 5) {
      second[position] ^= 1
      var trusted = try TrustedMetadata(root: first, at: try UnixTime(rfc3339: state.time))
      #expect((try? trusted.update(root: second)) == nil, "byte \(position)")
      second[position] ^= 1
    }
  }
}
