import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

/// The signed release that `scripts/demo` serves and installs: see Tests/Vectors/SOURCES.md.
enum DemoRelease {
  static let folder = ProjectFolder.vectors + "/release"

  static var sample: SampleRelease {
    var sample = SampleRelease(world: VirtualSigstore(seed: "release"), version: "0.1.0")
    sample.owner = "your-handle"
    sample.repository = "my_plugin"
    return sample
  }

  /// Assets for both kinds of Linux machine, and what the operator's configuration holds.
  static var files: [String: [UInt8]] {
    var files: [String: [UInt8]] = [
      "trusted_root.json": sample.world.trustedRoot().bytes, "trusted_keys.toml": Array(sample.trustedKeys().utf8),
    ]
    for target in ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] {
      var sample = sample
      sample.target = target
      for (name, bytes) in sample.assets() { files["assets/" + name] = bytes }
    }
    return files
  }
}

@Suite("Tests/Vectors/release")
struct DemoReleaseTests {
  @Test("the files are those that the kit makes now: refresh them with NEXO_WRITE_VECTORS=1")
  func upToDate() {
    for (name, bytes) in DemoRelease.files {
      #expect(ProjectFolder.contents(DemoRelease.folder + "/" + name) == bytes, "\(name)")
    }
    #expect(Desk.tree(DemoRelease.folder).filter { !$0.hasSuffix("/") } == DemoRelease.files.keys.sorted())
  }

  @Test("it installs from its folder under --require-signature")
  func installs() throws {
    let desk = try Desk([DemoRelease.sample], trustedKeys: DemoRelease.sample.trustedKeys())
    let said = desk.install("your-handle/my_plugin@v0.1.0") {
      $0.from = DemoRelease.folder + "/assets"
      $0.requireSignature = true
    }
    #expect(said.status == 0, "\(said.output)")
    #expect(said.text("signature_identity") == DemoRelease.sample.identity)
  }
}

/// Writes the release anew; runs only when it is asked to.
@Suite("ReleaseVectorWriter", .enabled(if: ProcessInfo.processInfo.environment["NEXO_WRITE_VECTORS"] == "1"))
struct ReleaseVectorWriter {
  @Test("writes the release")
  func write() throws {
    try? FileManager.default.removeItem(atPath: DemoRelease.folder)
    try FileManager.default.createDirectory(
      atPath: DemoRelease.folder + "/assets", withIntermediateDirectories: true)
    for (name, bytes) in DemoRelease.files {
      try Data(bytes).write(to: URL(fileURLWithPath: DemoRelease.folder + "/" + name))
    }
  }
}
