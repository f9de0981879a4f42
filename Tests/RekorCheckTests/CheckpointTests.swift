import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Checkpoints")
struct CheckpointTests {
  private let world = LogWorld()

  private func code(of checkpoint: String) throws -> RekorCode? {
    try world.code(of: world.bundle { $0["\(firstEntry).inclusionProof.checkpoint.envelope"] = .text(checkpoint) })
  }

  private var good: String { world.material.checkpoint }
  /// The signed part: up to the newline of its last line.
  private var text: String { good.split(separator: "\n").prefix(3).map { $0 + "\n" }.joined() }

  @Test("case 19: witnesses and older keys beside the log's line are left alone, in any order")
  func cosignatures() throws {
    let witness =
      "— witness.example O8PH5AAAAABopO8+4O9uzScQrNEnGdKLYXSPoUjH1Se4n92W+wT/j5Kel/4J2XWE4bEe9bpIVUD6EGOeUDFkSWz/rbDhvVcJ/2OrDw=="
    let own = world.world.rekor.signatureLine(over: text)
    #expect(try code(of: text + "\n" + own + "\n" + witness + "\n") == nil)
    #expect(try code(of: text + "\n" + witness + "\n" + own + "\n") == nil)
    let many = (0..<63).map { _ in witness }
    #expect(try code(of: text + "\n" + (many + [own]).joined(separator: "\n") + "\n") == nil)
    #expect(try code(of: text + "\n" + (many + [own, witness]).joined(separator: "\n") + "\n") == .checkpointMalformed)
    let flood = [String](repeating: witness, count: 400)
    #expect(try code(of: text + "\n" + (flood + [own]).joined(separator: "\n") + "\n") == .checkpointMalformed)
  }

  @Test("case 19: any origin that the key of a Rekor v1 log signs, and lines below the root that it signs too")
  func origin() throws {
    let rekor = world.world.rekor
    let root = Encoding.base64(world.material.rootHash)
    for origin in ["pod-7f9c - 17", "x"] {
      let text = "\(origin)\n\(world.material.treeSize)\n\(root)\nTimestamp: 1693323623528968756\n"
      #expect(try code(of: text + "\n" + rekor.signatureLine(over: text) + "\n") == nil)
    }
  }

  @Test("case 19: a checkpoint that the log's key did not sign is refused")
  func untrusted() throws {
    let rekor = world.world.rekor
    let stranger = VirtualKey(.p256, seed: "stranger")
    let own = rekor.signatureLine(over: text)
    let otherText = text.replacing("\n14\n", with: "\n15\n")
    for checkpoint in [
      text + "\n" + rekor.signatureLine(over: text, key: stranger) + "\n",
      text + "\n" + rekor.signatureLine(over: otherText) + "\n",
      // A second line of the log's own key that does not verify spoils the first.
      text + "\n" + own + "\n" + rekor.signatureLine(over: otherText) + "\n",
      text.replacing("rekor", with: "Rekor") + "\n" + own + "\n",
    ] {
      #expect(try code(of: checkpoint) == .checkpointUntrusted, "\(checkpoint)")
    }
  }

  @Test("case 19: what is no signed note is malformed")
  func malformed() throws {
    let own = world.world.rekor.signatureLine(over: text)
    let root = Encoding.base64(world.material.rootHash)
    let size = world.material.treeSize
    for checkpoint in [
      "x", "\n\n", "\n", text, text + "\n", text + own + "\n", text + "\n" + own, text + "\n" + own + "\n\n",
      text + "\n" + own + "\ntrailing\n", own + "\n\n" + text, text + "\n- a b\n", text + "\n— a\n",
      text + "\n— a !!!!\n",
      text + "\n— a+b \(Encoding.base64([1, 2, 3, 4, 5]))\n", text + "\n— a \(Encoding.base64([1, 2, 3, 4]))\n",
      "origin\n\(size)\n\n" + own + "\n", "\n\(size)\n\(root)\n\n" + own + "\n",
      "o\n0\(size)\n\(root)\n\n" + own + "\n",
      "o\n+\(size)\n\(root)\n\n" + own + "\n", "o\n\(size) \n\(root)\n\n" + own + "\n",
      "o\n99999999999999999999\n\(root)\n\n" + own + "\n", "o\n\(size)\n\(root.dropLast(4))\n\n" + own + "\n",
      "o\n\(size)\n\(root)\r\n\n" + own + "\n", "o\n\(size)\n\(root)\n\u{1}\n\n" + own + "\n",
      "o\n\n\(size)\n\(root)\n\n" + own + "\n", String(repeating: "a", count: 70_000) + "\n\n— a AAAAAAA=\n",
    ] {
      let failure = #expect(throws: RekorFailure.self, "\(checkpoint)") { _ = try Checkpoint(parsing: checkpoint) }
      #expect(failure?.code == .checkpointMalformed)
    }
  }
}
