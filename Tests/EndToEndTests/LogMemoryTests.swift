import Foundation
import Support
import Synchronization
import Testing
import VirtualSigstore

/// What `nexo` remembers of a log that it asks: the same tree, a grown one, a forked one, a smaller one.
@Suite("The memory of the log")
struct LogMemoryTests {
  private let scratch = Scratch()
  private let artifact = Array("an artifact\n".utf8)

  init() {
    scratch.write("root.json", VirtualSigstore().trustedRoot().bytes)
    scratch.write("blob", artifact)
  }

  /// A world whose log holds so many entries more, and the blob signed in it.
  private func state(more: Int = 0, filler: String = "later") -> (world: VirtualSigstore, material: SignedMaterial) {
    var world = VirtualSigstore()
    var material = world.sign(artifact)
    for number in 0..<more { world.rekor.append(Array("\(filler) \(number)".utf8)) }
    material.treeSize = UInt64(world.rekor.leaves.count)
    material.rootHash = world.rekor.root()
    material.hashes = world.rekor.path(material.shardIndex)
    material.checkpoint = world.rekor.checkpoint()
    return (world, material)
  }

  private func server(
    _ state: (world: VirtualSigstore, material: SignedMaterial), proof: [[UInt8]]? = nil
  ) throws -> RekorServer {
    let leaves = state.world.rekor.leaves
    return try RekorServer([state.material]) { request in
      guard request.target.hasPrefix("/api/v1/log/proof?") else { return nil }
      let query = request.target.split(separator: "?").last.map(String.init) ?? ""
      let values = Dictionary(
        query.split(separator: "&").map { pair in
          let parts = pair.split(separator: "=").map(String.init)
          return (parts[0], parts[1])
        }, uniquingKeysWith: { first, _ in first })
      guard let first = values["firstSize"].flatMap(Int.init), let last = values["lastSize"].flatMap(Int.init),
        first <= last, last <= leaves.count, values["treeID"] == "1193050959916656506"
      else { return .answer(400) }
      let hashes = proof ?? SlowMerkle.consistency(first, Array(leaves.prefix(last)))
      return .text(
        "{\"rootHash\":\"00\",\"hashes\":[\(hashes.map { "\"\(Encoding.hex($0))\"" }.joined(separator: ","))]}")
    }
  }

  private func verify(_ server: RekorServer, _ material: SignedMaterial, environment: [String: String] = [:]) -> Outcome
  {
    scratch.write("blob.sig", material.looseSignature)
    scratch.write("blob.pem", material.looseCertificate)
    return Program.run(
      [
        Program.nexo, "verify-blob", "--rekor-url", server.address, "--trusted-root", scratch.path + "/root.json",
        "--signature", scratch.path + "/blob.sig", "--certificate", scratch.path + "/blob.pem",
        "--certificate-identity", VirtualSigstore.identity, "--certificate-oidc-issuer", VirtualSigstore.issuer,
        scratch.path + "/blob",
      ], environment: ["HOME": scratch.path].merging(environment) { $1 })
  }

  private var kept: [String] {
    let folder = scratch.path + "/.nexo/state/logs"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().compactMap {
      FileManager.default.contents(atPath: folder + "/" + $0).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test("the first checkpoint is kept, the same tree asks for nothing, a grown one for the proof")
  func grows() throws {
    let first = state()
    let server = try server(first)
    #expect(verify(server, first.material).status == 0)
    #expect(kept == [first.material.checkpoint])
    #expect(verify(server, first.material).status == 0)
    #expect(server.requests.count == 2)
    let second = state(more: 9)
    let grown = try self.server(second)
    let said = verify(grown, second.material)
    #expect(said.status == 0, "\(said.standardError)")
    #expect(grown.requests.map(\.method) == ["POST", "GET"])
    #expect(kept == [second.material.checkpoint])
  }

  @Test("a forked tree, a smaller one, and a proof that is none are refused, with both trees shown; what is kept stays")
  func refused() throws {
    let known = state(more: 5)
    #expect(verify(try server(known), known.material).status == 0)
    let forked = state(more: 5, filler: "another")
    let grownFork = state(more: 12, filler: "another")
    let smaller = state(more: 2)
    let grown = state(more: 12)
    for (name, server, material, code) in [
      ("fork", try server(forked), forked.material, "log.inconsistent"),
      ("grown fork", try server(grownFork), grownFork.material, "log.inconsistent"),
      ("smaller", try server(smaller), smaller.material, "log.treeShrank"),
      ("no proof", try server(grown, proof: []), grown.material, "log.inconsistent"),
      ("another proof", try server(grown, proof: [known.material.rootHash]), grown.material, "log.inconsistent"),
    ] {
      let said = verify(server, material)
      #expect(said.status == 1 && said.standardError.contains("(\(code))"), "\(name): \(said.standardError)")
      #expect(said.standardError.contains(Encoding.hex(known.material.rootHash)), "\(name)")
      #expect(said.standardError.contains(Encoding.hex(material.rootHash)), "\(name)")
      #expect(!said.standardError.contains("Verified OK"))
      #expect(kept == [known.material.checkpoint])
    }
    #expect(verify(try server(grown), grown.material).status == 0)
  }

  /// The same log under another origin.
  private func renamed(_ origin: String, more: Int, filler: String = "later") -> SignedMaterial {
    var (world, material) = state(more: more, filler: filler)
    material.checkpoint = world.rekor.checkpoint(origin: origin)
    return material
  }

  @Test("a tree is known by its id, whatever else its origin says; one without an id is refused")
  func origins() throws {
    let known = state(more: 5)
    #expect(verify(try server(known), known.material).status == 0)
    let id = "1193050959916656506"
    for (origin, code) in [
      ("rekor.other.test - \(id)", "log.inconsistent"), ("rekor.virtual.test - \(id) ", "log.entryIDMismatch"),
      ("rekor.virtual.test -  \(id)", "log.entryIDMismatch"), ("rekor.virtual.test - 0\(id)", "log.entryIDMismatch"),
      ("rekor.virtual.test", "log.entryIDMismatch"), ("rekor.virtual.test - 99", "log.entryIDMismatch"),
    ] {
      let material = renamed(origin, more: 5, filler: "another")
      let said = verify(try RekorServer([material]), material)
      #expect(said.status == 1, "\(origin)")
      #expect(said.standardError.contains("(\(code))"), "\(origin): \(said.standardError)")
    }
    #expect(kept == [known.material.checkpoint])
  }

  @Test("another tree of a log that was seen is told, once")
  func newTree() throws {
    let known = state(more: 5)
    #expect(verify(try server(known), known.material).status == 0)
    let material = renamed("rekor.virtual.test - 99", more: 5, filler: "another")
    let answer = material.logAnswerEntry
    let id = "0000000000000063" + material.entryID.dropFirst(16)
    let server = try RekorServer([]) { _ in RekorServer.reply([.object([(id, answer)])]) }
    let first = verify(server, material)
    #expect(first.status == 0 && first.standardError.contains("(log.newTree)"), "\(first.standardError)")
    #expect(kept.count == 2)
    let second = verify(server, material)
    #expect(second.status == 0 && !second.standardError.contains("(log.newTree)"))
    // Without the tree's id in the entry's own, the origin alone decides.
    let plain = try RekorServer([]) { _ in RekorServer.reply([.object([(String(id.dropFirst(16)), answer)])]) }
    #expect(verify(plain, material).status == 0)
  }

  @Test("a log that gives no proof leaves the question open: unavailable, not a yes")
  func unavailable() throws {
    let known = state()
    #expect(verify(try server(known), known.material).status == 0)
    let grown = state(more: 3)
    let silent = try RekorServer([grown.material]) { request in
      request.target.hasPrefix("/api/v1/log/proof") ? .answer(422) : nil
    }
    #expect(verify(silent, grown.material).status == 4)
  }

  @Test("a memory that was altered is none, and one of another log says nothing of this one")
  func altered() throws {
    let known = state(more: 5)
    #expect(verify(try server(known), known.material).status == 0)
    let folder = scratch.path + "/.nexo/state/logs"
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
    let stranger = VirtualSigstore(seed: "another").rekor.checkpoint()
    for text in ["", "x", stranger] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
      let smaller = state(more: 1)
      #expect(verify(try server(smaller), smaller.material).status == 0)
    }
  }

  @Test("nothing is kept of a log that was refused, nor where it is forbidden")
  func nothing() throws {
    let known = state()
    scratch.write("blob", Array("another\n".utf8))
    #expect(verify(try server(known), known.material).status == 1)
    scratch.write("blob", artifact)
    #expect(verify(try server(known), known.material, environment: ["SIGSTORE_NO_CACHE": "1"]).status == 0)
    #expect(kept.isEmpty)
  }
}
