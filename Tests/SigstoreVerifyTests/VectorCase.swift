import VirtualSigstore

/// A case of `Tests/Vectors`, as the kit makes it: its files by name. The same source gives the same bytes.
struct VectorCase: Sendable {
  let name: String
  /// `pass`, or the code of the refusal.
  let expect: String
  /// One sentence, for the case's README.
  let sentence: String
  private let make: @Sendable (inout Draft) -> Void

  /// What a case is made of; good until `make` spoils it.
  struct Draft {
    var world = World()
    var artifact = World.artifact
    var identity = VirtualSigstore.identity
    var issuer = VirtualSigstore.issuer
    var bundle: JSONDraft = .object([])
    /// Nil for the trusted root that the cases share.
    var trustedRoot: JSONDraft?
  }

  init(_ name: String, _ expect: String, _ sentence: String, _ make: @escaping @Sendable (inout Draft) -> Void) {
    self.name = name
    self.expect = expect
    self.sentence = sentence
    self.make = make
  }

  static let trustedRoot = "trusted_root.json"

  /// The trusted root of every case that has none of its own.
  static var sharedRoot: [UInt8] { file(World().sigstore.trustedRoot()) }

  /// With the authority's name, which this project does not read and other clients ask for.
  private static func file(_ root: JSONDraft) -> [UInt8] {
    var root = root
    root["certificateAuthorities.0.subject"] = .object([
      ("organization", .text("virtual.test")), ("commonName", .text("virtual-root")),
    ])
    return root.bytes + [0x0a]
  }

  var files: [String: [UInt8]] {
    var draft = Draft()
    make(&draft)
    func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }
    var files = [
      "README": line(sentence), "expect": line(expect), "artifact": draft.artifact,
      "bundle.json": draft.bundle.bytes + [0x0a],
    ]
    if let key = draft.world.managedKey {
      files["key.pub"] = Array(key.publicKeyPEM.utf8)
    } else {
      files["identity"] = line(draft.identity)
      files["issuer"] = line(draft.issuer)
    }
    if let root = draft.trustedRoot { files[Self.trustedRoot] = Self.file(root) }
    return files
  }

  /// The signed sample of `scripts/demo`.
  static var demo: [String: [UInt8]] {
    var world = World()
    let artifact = Array("Hello! This file was signed for the demonstration of nexo-verify.\n".utf8)
    return [
      "artifact.txt": artifact, "bundle.json": world.sign(artifact).bundle().bytes + [0x0a], trustedRoot: sharedRoot,
    ]
  }
}
