; *** IR Dump After PGOInstrumentationGen on [module] ***
; ModuleID = '/src/x.cc'
source_filename = "/src/x.cc"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

%struct.T = type { i8 }

$__llvm_profile_raw_version = comdat any

@__llvm_profile_raw_version = hidden constant i64 72057594037927946, comdat
@__profn__Z1fPii = private constant [7 x i8] c"_Z1fPii"

; Function Attrs: mustprogress uwtable
define dso_local noundef range(i32 0, -2147483648) i32 @_Z1fPii(ptr noundef %0, i32 noundef %1) local_unnamed_addr #0 personality ptr @__gxx_personality_v0 !dbg !13 {
  %3 = alloca %struct.T, align 1
  call void @llvm.instrprof.increment(ptr @__profn__Z1fPii, i64 334492582937813942, i32 5, i32 2), !dbg !17
  call void @llvm.lifetime.start.p0(ptr nonnull %3) #4, !dbg !17
  br label %4, !dbg !18

4:                                                ; preds = %17, %2
  %5 = phi i32 [ 0, %2 ], [ %23, %17 ], !dbg !19
  %6 = phi i32 [ 0, %2 ], [ %22, %17 ], !dbg !20
  %7 = icmp slt i32 %5, %1, !dbg !21
  br i1 %7, label %9, label %8, !dbg !22

8:                                                ; preds = %4
  call void @_ZN1TD1Ev(ptr noundef nonnull align 1 dereferenceable(1) %3) #4, !dbg !23
  call void @llvm.lifetime.end.p0(ptr nonnull %3) #4, !dbg !23
  ret i32 %6, !dbg !24

9:                                                ; preds = %4
  %10 = zext nneg i32 %5 to i64, !dbg !25
  %11 = getelementptr inbounds nuw i32, ptr %0, i64 %10, !dbg !25
  %12 = load i32, ptr %11, align 4, !dbg !25, !tbaa !9
  %13 = icmp sgt i32 %12, 3, !dbg !26
  br i1 %13, label %14, label %17, !dbg !27

14:                                               ; preds = %9
  call void @llvm.instrprof.increment(ptr @__profn__Z1fPii, i64 334492582937813942, i32 5, i32 1), !dbg !28
  invoke void @_Z1gi(i32 noundef %5)
          to label %17 unwind label %15, !dbg !28

15:                                               ; preds = %14
  %16 = landingpad { ptr, i32 }
          cleanup, !dbg !23
  call void @llvm.instrprof.increment(ptr @__profn__Z1fPii, i64 334492582937813942, i32 5, i32 3), !dbg !23
  call void @_ZN1TD1Ev(ptr noundef nonnull align 1 dereferenceable(1) %3) #4, !dbg !23
  call void @llvm.lifetime.end.p0(ptr nonnull %3) #4, !dbg !23
  resume { ptr, i32 } %16, !dbg !23

17:                                               ; preds = %14, %9
  call void @llvm.instrprof.increment(ptr @__profn__Z1fPii, i64 334492582937813942, i32 5, i32 0), !dbg !29
  %18 = load i32, ptr %11, align 4, !dbg !29, !tbaa !9
  %19 = icmp sgt i32 %18, 7, !dbg !30
  %20 = zext i1 %19 to i64, !dbg !31
  call void @llvm.instrprof.increment.step(ptr @__profn__Z1fPii, i64 334492582937813942, i32 5, i32 4, i64 %20), !dbg !31
  %21 = select i1 %19, i32 %18, i32 1, !dbg !31
  %22 = add nuw nsw i32 %6, %21, !dbg !32
  %23 = add nuw nsw i32 %5, 1, !dbg !33
  br label %4, !dbg !34, !llvm.loop !35
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(ptr captures(none)) #1

declare !dbg !39 void @_Z1gi(i32 noundef) local_unnamed_addr #2

declare i32 @__gxx_personality_v0(...)

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(ptr captures(none)) #1

; Function Attrs: nounwind
declare !dbg !40 void @_ZN1TD1Ev(ptr noundef nonnull align 1 dereferenceable(1)) unnamed_addr #3

; Function Attrs: nounwind
declare void @llvm.instrprof.increment(ptr, i64, i32, i32) #4

; Function Attrs: nounwind
declare void @llvm.instrprof.increment.step(ptr, i64, i32, i32, i64) #4

attributes #0 = { mustprogress uwtable "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #3 = { nounwind "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #4 = { nounwind }

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3, !4, !5, !6, !7}
!llvm.ident = !{!8}
!llvm.errno.tbaa = !{!9}

!0 = distinct !DICompileUnit(language: DW_LANG_C_plus_plus_14, file: !1, producer: "Debian clang version 22.1.8 (1~deb12u1)", isOptimized: true, runtimeVersion: 0, emissionKind: LineTablesOnly, splitDebugInlining: false, nameTableKind: None)
!1 = !DIFile(filename: "/src/x.cc", directory: "/src", checksumkind: CSK_MD5, checksum: "0c55d326e3a7f35f42572bef01c6c71f")
!2 = !{i32 7, !"Dwarf Version", i32 5}
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = !{i32 1, !"wchar_size", i32 4}
!5 = !{i32 8, !"PIC Level", i32 2}
!6 = !{i32 7, !"PIE Level", i32 2}
!7 = !{i32 7, !"uwtable", i32 2}
!8 = !{!"Debian clang version 22.1.8 (1~deb12u1)"}
!9 = !{!10, !10, i64 0}
!10 = !{!"int", !11, i64 0}
!11 = !{!"omnipotent char", !12, i64 0}
!12 = !{!"Simple C++ TBAA"}
!13 = distinct !DISubprogram(name: "f", scope: !14, file: !14, line: 1, type: !15, scopeLine: 1, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0, keyInstructions: true)
!14 = !DIFile(filename: "ir/x.cc", directory: "/src", checksumkind: CSK_MD5, checksum: "0c55d326e3a7f35f42572bef01c6c71f")
!15 = !DISubroutineType(types: !16)
!16 = !{}
!17 = !DILocation(line: 1, column: 51, scope: !13)
!18 = !DILocation(line: 1, column: 69, scope: !13)
!19 = !DILocation(line: 1, scope: !13, atomGroup: 2, atomRank: 1)
!20 = !DILocation(line: 1, scope: !13, atomGroup: 1, atomRank: 1)
!21 = !DILocation(line: 1, column: 78, scope: !13, atomGroup: 3, atomRank: 1)
!22 = !DILocation(line: 1, column: 65, scope: !13, atomGroup: 4, atomRank: 1)
!23 = !DILocation(line: 1, column: 132, scope: !13)
!24 = !DILocation(line: 1, column: 132, scope: !13, atomGroup: 11, atomRank: 1)
!25 = !DILocation(line: 1, column: 90, scope: !13)
!26 = !DILocation(line: 1, column: 94, scope: !13, atomGroup: 5, atomRank: 2)
!27 = !DILocation(line: 1, column: 94, scope: !13, atomGroup: 5, atomRank: 1)
!28 = !DILocation(line: 1, column: 98, scope: !13)
!29 = !DILocation(line: 1, column: 107, scope: !13)
!30 = !DILocation(line: 1, column: 111, scope: !13, atomGroup: 7, atomRank: 2)
!31 = !DILocation(line: 1, column: 107, scope: !13, atomGroup: 7, atomRank: 1)
!32 = !DILocation(line: 1, column: 105, scope: !13, atomGroup: 6, atomRank: 2)
!33 = !DILocation(line: 1, column: 82, scope: !13, atomGroup: 8, atomRank: 2)
!34 = !DILocation(line: 1, column: 65, scope: !13)
!35 = distinct !{!35, !34, !36, !37, !38}
!36 = !DILocation(line: 1, column: 121, scope: !13)
!37 = !{!"llvm.loop.mustprogress"}
!38 = !{!"llvm.loop.unroll.disable"}
!39 = !DISubprogram(name: "g", scope: !14, file: !14, line: 1, type: !15, flags: DIFlagPrototyped, spFlags: DISPFlagOptimized)
!40 = !DISubprogram(name: "~T", scope: !14, file: !14, line: 1, type: !15, flags: DIFlagPrototyped, spFlags: DISPFlagOptimized)
