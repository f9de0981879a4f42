import Foundation
import Support
import Testing
import VirtualSigstore

/// `nexo verify-blob` against a Rekor v1 log on a loopback address, which answers honestly or in a wrong way.
@Suite("Loose files, and a log that is asked")
struct LookUpTests {
  private let scratch = Scratch()
  private let material: SignedMaterial
  private let again: SignedMaterial
  private let other: SignedMaterial

  init() {
    var world = VirtualSigstore()
    let artifact = Array("an artifact\n".utf8)
    var leaf = world.leafRequest()
    leaf.key = VirtualKey(.p256, seed: "the signer's")
    material = world.sign(artifact, as: leaf)
    other = world.sign(Array("something else\n".utf8))
    // The same signature once more, later: anybody can do that.
    var repeated = material
    repeated.integratedTime += 30
    repeated.globalIndex += 3
    repeated.promise = world.rekor.promise(
      body: material.body, integratedTime: repeated.integratedTime, globalIndex: repeated.globalIndex)
    again = repeated
    scratch.write("blob", artifact)
    scratch.write("blob.sig", material.looseSignature)
    scratch.write("blob.pem", material.looseCertificate)
    scratch.write("legacy.bundle", material.legacyBundle.bytes)
    scratch.write("root.json", world.trustedRoot().bytes)
  }

  private func verify(
    _ address: String, program: String = Program.nexo, loose: Bool = true, _ more: [String] = []
  ) -> Outcome {
    let material =
      loose
      ? ["--signature", scratch.path + "/blob.sig", "--certificate", scratch.path + "/blob.pem"]
      : ["--bundle", scratch.path + "/legacy.bundle"]
    return Program.run(
      [program, "verify-blob", "--rekor-url", address, "--trusted-root", scratch.path + "/root.json"] + material + [
        "--certificate-identity", VirtualSigstore.identity, "--certificate-oidc-issuer", VirtualSigstore.issuer,
      ] + more + [scratch.path + "/blob"], environment: ["HOME": scratch.path])
  }

  private func code(_ outcome: Outcome) -> String? {
    outcome.standardError.split(separator: "\n").first { $0.hasPrefix("Error: ") }?
      .split(separator: "(").last.map { String($0.dropLast()) }
  }

  @Test("the honest answer verifies, and what was learnt is a bundle that needs no network")
  func honest() throws {
    let server = try RekorServer([other, material])
    let bundle = scratch.path + "/learnt.json"
    let said = verify(server.address, ["--write-bundle", bundle])
    #expect(said.status == 0, "\(said.standardError)")
    #expect(server.requests.count == 1)
    let offline = Program.run(
      [
        Program.nexoVerify, "verify-blob", "--trusted-root", scratch.path + "/root.json", "--bundle", bundle,
        "--certificate-identity", VirtualSigstore.identity, "--certificate-oidc-issuer", VirtualSigstore.issuer,
        scratch.path + "/blob",
      ])
    #expect(offline.status == 0, "\(offline.standardError)")
  }

  @Test("nexo-verify asks nobody, and neither does nexo with --offline")
  func offline() throws {
    let server = try RekorServer([material])
    #expect(code(verify(server.address, program: Program.nexoVerify)) == "log.missing")
    #expect(code(verify(server.address, ["--offline"])) == "log.missing")
    #expect(code(verify("")) == "log.missing")
    #expect(verify(server.address, ["--offline"]).standardError.contains("nexo verify-blob"))
    #expect(server.requests.isEmpty)
  }

  @Test("of several entries the earliest that is good counts, in whatever order they come")
  func several() throws {
    for answers in [[again, material, other], [other, material, again]] {
      let replies = answers.map(\.logAnswer)
      let server = try RekorServer([]) { _ in RekorServer.reply(replies) }
      let said = verify(server.address, ["--json"])
      #expect(said.status == 0, "\(said.standardError)")
      #expect(said.standardOutput.contains("\"signingTimes\":[\"2023-11-14T22:13:20Z\"]"))
    }
  }

  private enum Lie: String, CaseIterable {
    case otherEntry, otherIndex, otherTime, otherLog, noPromise, noProof, noCheckpoint, unsignedRoot, otherTree,
      otherBody
  }

  private static let expected: [Lie: Set<String>] = [
    // Case 5: a genuine entry, of somebody else's signature.
    .otherEntry: ["entryBody.digestMismatch"], .otherIndex: ["log.promiseInvalid"], .otherTime: ["log.promiseInvalid"],
    .otherLog: ["log.unknown"], .noPromise: ["log.promiseMissing"], .noProof: ["log.proofMissing"],
    .noCheckpoint: ["log.checkpointMissing"], .unsignedRoot: ["log.checkpointUntrusted"],
    .otherTree: ["log.rootMismatch"], .otherBody: ["log.entryIDMismatch"],
  ]

  @Test("cases 5 and 20: every other answer is refused by its code", arguments: Lie.allCases)
  private func lies(lie: Lie) throws {
    var told = material
    var answer = material.logAnswer
    let path = "\(material.entryID).verification"
    switch lie {
    case .otherEntry: told = other
    case .otherIndex: told.globalIndex += 1
    case .otherTime: told.integratedTime += 1
    case .otherLog: told.logID = HashName.sha256([1])
    case .noPromise, .noProof, .noCheckpoint, .otherBody: break
    case .unsignedRoot:
      let stranger = VirtualKey(.p256, seed: "a stranger's")
      let world = VirtualSigstore()
      told.checkpoint = world.rekor.checkpoint(key: stranger)
    case .otherTree:
      // A checkpoint that the log signed, of another tree.
      var world = VirtualSigstore()
      world.rekor.append([9])
      told.checkpoint = world.rekor.checkpoint()
      told.treeSize = UInt64(world.rekor.leaves.count)
      told.rootHash = world.rekor.root()
    }
    if lie != .otherEntry { answer = told.logAnswer }
    switch lie {
    case .otherEntry: answer = other.logAnswer
    case .noPromise: answer["\(path).signedEntryTimestamp"] = nil
    case .noProof: answer["\(path).inclusionProof"] = nil
    case .noCheckpoint: answer["\(path).inclusionProof.checkpoint"] = nil
    case .otherBody: answer = .object([(material.entryID, other.logAnswerEntry)])
    default: break
    }
    let reply = answer
    let server = try RekorServer([]) { _ in RekorServer.reply([reply]) }
    let said = verify(server.address)
    #expect(said.status == 1)
    let told2 = try #require(code(said))
    let expected = try #require(Self.expected[lie])
    #expect(
      expected.contains(told2) || (lie == .otherTree && ["log.proofLength", "log.rootMismatch"].contains(told2)),
      "\(told2)")
  }

  @Test("a legacy bundle rests on the log's promise; asked for, the proof is fetched and verified")
  func legacy() throws {
    let server = try RekorServer([material])
    #expect(verify(server.address, loose: false).status == 0)
    #expect(server.requests.isEmpty)
    let bundle = scratch.path + "/upgraded.json"
    #expect(code(verify(server.address, loose: false, ["--write-bundle", bundle])) == "output.bundleIncomplete")
    let said = verify(server.address, loose: false, ["--require-inclusion-proof", "--write-bundle", bundle, "--json"])
    #expect(said.status == 0, "\(said.standardError)")
    #expect(server.requests.count == 1)
    #expect(!said.standardOutput.contains("log.promiseOnly"))
    #expect(FileManager.default.fileExists(atPath: bundle))
    #expect(
      code(verify(server.address, loose: false, ["--require-inclusion-proof", "--offline"])) == "log.proofMissing")
    let upgraded = scratch.path + "/upgraded2.json"
    let command = [
      Program.nexo, "bundle", "upgrade", "--rekor-url", server.address, "--trusted-root", scratch.path + "/root.json",
      "--bundle", scratch.path + "/legacy.bundle", "--certificate-identity", VirtualSigstore.identity,
      "--certificate-oidc-issuer", VirtualSigstore.issuer,
    ]
    let environment = ["HOME": scratch.path]
    #expect(
      Program.run(command + ["--write-bundle", upgraded, scratch.path + "/blob"], environment: environment).status == 0)
    #expect(FileManager.default.contents(atPath: upgraded) == FileManager.default.contents(atPath: bundle))
    #expect(Program.run(command + [scratch.path + "/blob"], environment: environment).status == 2)
    let silent = try RekorServer([])
    #expect(code(verify(silent.address, loose: false, ["--require-inclusion-proof"])) == "log.notFound")
  }

  @Test("a log that is not there, or says no, is told with its status, and nothing is written")
  func trouble() throws {
    let bundle = scratch.path + "/none.json"
    let refusing = try RekorServer([]) { _ in .text("{\"message\":\"bad\"}", status: 400) }
    let said = verify(refusing.address, ["--write-bundle", bundle])
    #expect(said.status == 4 && code(said) == "log.queryRefused")
    let gone = verify("http://127.0.0.1:1", ["--write-bundle", bundle])
    #expect(gone.status == 4 && code(gone)?.hasPrefix("transport.") == true)
    // It was asked: the hint is what to do about that, not to ask.
    #expect(gone.standardError.contains("HTTPS_PROXY") && !gone.standardError.contains("ask the log"))
    let lie = other.logAnswer
    let lying = try RekorServer([]) { _ in RekorServer.reply([lie]) }
    #expect(verify(lying.address, ["--write-bundle", bundle]).status == 1)
    #expect(!FileManager.default.fileExists(atPath: bundle))
    #expect(!(try FileManager.default.contentsOfDirectory(atPath: scratch.path)).contains { $0.hasSuffix(".new") })
  }
}
