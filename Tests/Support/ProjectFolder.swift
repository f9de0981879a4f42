import Foundation

/// Where things lie in the source tree.
public enum ProjectFolder {
  /// The folder that holds Package.swift.
  public static let path: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  /// The project's own cases.
  public static let vectors = path + "/Tests/Vectors"

  /// Real material beside the project; absent on most machines.
  public static let realVectors = path + "/../shared/vectors"

  public static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// Bytes of a file; nil where there is none.
  public static func contents(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path).map { Array($0) }
  }

  /// Names in a folder, sorted; empty where there is no such folder.
  public static func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
