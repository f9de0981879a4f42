import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Time: was the certificate valid when it signed?")
struct TimeAttackTests {
  /// Seconds around the moment of signing.
  struct Edges: Sendable, CustomTestStringConvertible {
    let before: Int64
    let after: Int64
    let isAccepted: Bool
    var testDescription: String { "\(before)...\(after) -> \(isAccepted)" }
  }

  static let edges = [
    Edges(before: 0, after: 600, isAccepted: true), Edges(before: -600, after: 0, isAccepted: true),
    Edges(before: 0, after: 0, isAccepted: true), Edges(before: 1, after: 600, isAccepted: false),
    Edges(before: -600, after: -1, isAccepted: false), Edges(before: 3600, after: 7200, isAccepted: false),
    Edges(before: -7200, after: -3600, isAccepted: false),
  ]

  @Test(
    "case 25: leaf not valid at the log's time, 1 s before and after; on both edges it is", arguments: Shape.allCases,
    edges)
  func leaf(shape: Shape, edges: Edges) throws {
    var world = World()
    var request = world.leafRequest()
    request.notBefore = world.sigstore.now + edges.before
    request.notAfter = world.sigstore.now + edges.after
    let answer = try world.judge(shape.render(world.sign(as: request)))
    answer.expect(edges.isAccepted ? Answer.accepted : "chain.notValidAtTime", at: edges.isAccepted ? nil : .chain)
  }

  @Test("case 25: an authority not valid at the log's time", arguments: [0, 1], edges)
  func authority(level: Int, edges: Edges) throws {
    var world = World()
    let (now, seed) = (world.sigstore.now, "edges")
    func span(_ of: Int) -> (Int64, Int64) {
      of == level ? (now + edges.before, now + edges.after) : (now - 9000, now + 9000)
    }
    let root = VirtualAuthority("root", seed: seed, notBefore: span(1).0, notAfter: span(1).1, pathLength: 1)
    let intermediate = VirtualAuthority(
      "intermediate", seed: seed, notBefore: span(0).0, notAfter: span(0).1, pathLength: 0, under: root)
    world.sigstore.fulcio.authorities = [intermediate, root]
    let answer = try world.judge(world.sign().bundle())
    answer.expect(edges.isAccepted ? Answer.accepted : "chain.notValidAtTime", at: edges.isAccepted ? nil : .chain)
  }

  @Test("case 25: the trusted root's window of the authority, both ends inclusive", arguments: edges)
  func authorityWindow(edges: Edges) throws {
    var world = World()
    let draft = world.sign().bundle()
    let now = world.sigstore.now
    world.editRoot = { root in
      root["certificateAuthorities.0.validFor"] = .object([
        ("start", .text(UnixTime(seconds: now + edges.before).rfc3339)),
        ("end", .text(UnixTime(seconds: now + edges.after).rfc3339)),
      ])
    }
    let answer = try world.judge(draft)
    answer.expect(edges.isAccepted ? Answer.accepted : "chain.notValidAtTime", at: edges.isAccepted ? nil : .chain)
  }

  @Test("case 25: the verifier's clock plays no part in validity", arguments: Shape.allCases)
  func clock(shape: Shape) throws {
    var world = World()
    let draft = shape.render(world.sign())
    world.clock = world.sigstore.now + 100 * 31_536_000
    try world.judge(draft).expect(Answer.accepted, at: nil)
  }
}
