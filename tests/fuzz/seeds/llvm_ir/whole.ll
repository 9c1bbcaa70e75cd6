; *** IR Dump After PGOInstrumentationGen on [module] ***
; ModuleID = 't.c'
source_filename = "t.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

$__llvm_profile_raw_version = comdat any

@.str = private unnamed_addr constant [5 x i8] c"%ld\0A\00", align 1, !dbg !0
@__llvm_profile_raw_version = hidden constant i64 72057594037927946, comdat
@__profn_apply = private constant [5 x i8] c"apply"
@__profn_main = private constant [4 x i8] c"main"
@__profn_t.c_add = private constant [7 x i8] c"t.c;add"
@__profn_t.c_sub = private constant [7 x i8] c"t.c;sub"

; Function Attrs: noinline nounwind uwtable
define dso_local i32 @apply(ptr noundef %0, i32 noundef %1, i32 noundef %2, ptr noundef %3, i32 noundef %4) local_unnamed_addr #0 !dbg !25 {
    #dbg_value(ptr %0, !34, !DIExpression(), !39)
    #dbg_value(i32 %1, !35, !DIExpression(), !39)
    #dbg_value(i32 %2, !36, !DIExpression(), !39)
    #dbg_value(ptr %3, !37, !DIExpression(), !39)
    #dbg_value(i32 %4, !38, !DIExpression(), !39)
  call void @llvm.instrprof.increment(ptr @__profn_apply, i64 628768482812493823, i32 1, i32 0), !dbg !40
  %6 = trunc i32 %1 to i8, !dbg !40
  %7 = sext i32 %4 to i64, !dbg !41
  call void @llvm.instrprof.value.profile(ptr @__profn_apply, i64 628768482812493823, i64 %7, i32 1, i32 0), !dbg !42
  call void @llvm.memset.p0.i64(ptr align 1 %3, i8 %6, i64 %7, i1 false), !dbg !42
  %8 = ptrtoint ptr %0 to i64, !dbg !43
  call void @llvm.instrprof.value.profile(ptr @__profn_apply, i64 628768482812493823, i64 %8, i32 0, i32 0), !dbg !43
  %9 = call i32 %0(i32 noundef %1, i32 noundef %2) #6, !dbg !43
  %10 = load i8, ptr %3, align 1, !dbg !44, !tbaa !45
  %11 = sext i8 %10 to i32, !dbg !44
  %12 = add nsw i32 %9, %11, !dbg !46
  ret i32 %12, !dbg !47
}

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr writeonly captures(none), i8, i64, i1 immarg) #1

; Function Attrs: nounwind uwtable
define dso_local i32 @main(i32 noundef %0, ptr noundef %1) local_unnamed_addr #2 !dbg !48 {
  %3 = alloca [64 x i8], align 16, !DIAssignID !63
    #dbg_assign(i1 poison, !57, !DIExpression(), !63, ptr %3, !DIExpression(), !64)
    #dbg_value(i32 %0, !52, !DIExpression(), !64)
    #dbg_value(ptr %1, !53, !DIExpression(), !64)
  %4 = icmp sgt i32 %0, 1, !dbg !65
  br i1 %4, label %5, label %9, !dbg !66

5:                                                ; preds = %2
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 8), !dbg !67
  %6 = getelementptr inbounds nuw i8, ptr %1, i64 8, !dbg !67
  %7 = load ptr, ptr %6, align 8, !dbg !67, !tbaa !69
    #dbg_value(ptr %7, !72, !DIExpression(), !80)
  %8 = call i64 @strtol(ptr noundef nonnull captures(none) %7, ptr noundef null, i32 noundef 10) #6, !dbg !82
  br label %9, !dbg !83

9:                                                ; preds = %2, %5
  %10 = phi i64 [ %8, %5 ], [ 1000000, %2 ], !dbg !84
    #dbg_value(i64 %10, !54, !DIExpression(), !64)
    #dbg_value(i64 0, !56, !DIExpression(), !64)
  call void @llvm.lifetime.start.p0(ptr nonnull %3) #6, !dbg !86
    #dbg_value(i64 0, !61, !DIExpression(), !87)
  br label %11, !dbg !88

11:                                               ; preds = %60, %9
  %12 = phi i64 [ 0, %9 ], [ %61, %60 ], !dbg !90
  %13 = phi i64 [ 0, %9 ], [ %62, %60 ], !dbg !91
    #dbg_value(i64 %13, !61, !DIExpression(), !87)
    #dbg_value(i64 %12, !56, !DIExpression(), !64)
  %14 = icmp slt i64 %13, %10, !dbg !92
  br i1 %14, label %17, label %15, !dbg !95

15:                                               ; preds = %11
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 7), !dbg !97
  %16 = call i32 (ptr, ...) @printf(ptr noundef nonnull dereferenceable(1) @.str, i64 noundef %12), !dbg !97
  call void @llvm.lifetime.end.p0(ptr nonnull %3) #6, !dbg !99
  ret i32 0, !dbg !100

17:                                               ; preds = %11
  %18 = and i64 %13, 3, !dbg !101
  %19 = icmp eq i64 %18, 0, !dbg !104
  %20 = zext i1 %19 to i64, !dbg !104
  call void @llvm.instrprof.increment.step(ptr @__profn_main, i64 247671767035302651, i32 10, i32 9, i64 %20), !dbg !104
  %21 = select i1 %19, ptr @sub, ptr @add, !dbg !104
  %22 = trunc i64 %13 to i32, !dbg !105
  %23 = and i32 %22, 31, !dbg !106
  %24 = call i32 @apply(ptr noundef nonnull %21, i32 noundef %22, i32 noundef 3, ptr noundef nonnull %3, i32 noundef %23), !dbg !107
  %25 = sext i32 %24 to i64, !dbg !107
  %26 = add nsw i64 %12, %25, !dbg !108
    #dbg_value(i64 %26, !56, !DIExpression(), !64)
    #dbg_value(i32 %22, !109, !DIExpression(), !114)
  %27 = srem i32 %22, 7, !dbg !117
  %28 = icmp eq i32 %27, 0, !dbg !119
  br i1 %28, label %29, label %31, !dbg !120

29:                                               ; preds = %17
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 0), !dbg !121
  %30 = mul nsw i32 %22, 3, !dbg !121
  br label %36, !dbg !123

31:                                               ; preds = %17
  %32 = srem i32 %22, 5, !dbg !124
  %33 = icmp eq i32 %32, 1, !dbg !127
  br i1 %33, label %34, label %36, !dbg !128

34:                                               ; preds = %31
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 3), !dbg !129
  %35 = sdiv i32 %22, 3, !dbg !129
  br label %36, !dbg !131

36:                                               ; preds = %29, %31, %34
  %37 = phi i32 [ %30, %29 ], [ %35, %34 ], [ %22, %31 ], !dbg !132
  %38 = sext i32 %37 to i64, !dbg !133
  %39 = add nsw i64 %26, %38, !dbg !134
    #dbg_value(i64 %39, !56, !DIExpression(), !64)
  %40 = urem i64 %13, 9, !dbg !135
  switch i64 %40, label %58 [
    i64 0, label %41
    i64 3, label %43
  ], !dbg !136

41:                                               ; preds = %36
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 1), !dbg !137
  %42 = xor i64 %39, 1, !dbg !137
    #dbg_value(i64 %42, !56, !DIExpression(), !64)
  br label %60, !dbg !140

43:                                               ; preds = %36
  %44 = trunc i64 %39 to i32, !dbg !141
    #dbg_value(i32 %44, !109, !DIExpression(), !143)
  %45 = srem i32 %44, 7, !dbg !145
  %46 = icmp eq i32 %45, 0, !dbg !146
  br i1 %46, label %47, label %49, !dbg !147

47:                                               ; preds = %43
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 5), !dbg !148
  %48 = mul nsw i32 %44, 3, !dbg !148
  br label %54, !dbg !149

49:                                               ; preds = %43
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 4), !dbg !150
  %50 = srem i32 %44, 5, !dbg !150
  %51 = icmp eq i32 %50, 1, !dbg !151
  br i1 %51, label %52, label %54, !dbg !152

52:                                               ; preds = %49
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 6), !dbg !153
  %53 = sdiv i32 %44, 3, !dbg !153
  br label %54, !dbg !154

54:                                               ; preds = %47, %49, %52
  %55 = phi i32 [ %48, %47 ], [ %53, %52 ], [ %44, %49 ], !dbg !155
  %56 = sext i32 %55 to i64, !dbg !156
  %57 = add nsw i64 %39, %56, !dbg !157
    #dbg_value(i64 %57, !56, !DIExpression(), !64)
  br label %60, !dbg !158

58:                                               ; preds = %36
  call void @llvm.instrprof.increment(ptr @__profn_main, i64 247671767035302651, i32 10, i32 2), !dbg !159
  %59 = mul nsw i64 %39, 3, !dbg !159
    #dbg_value(i64 %59, !56, !DIExpression(), !64)
  br label %60, !dbg !161

60:                                               ; preds = %41, %54, %58
  %61 = phi i64 [ %59, %58 ], [ %42, %41 ], [ %57, %54 ], !dbg !162
    #dbg_value(i64 %61, !56, !DIExpression(), !64)
  %62 = add nuw nsw i64 %13, 1, !dbg !163
    #dbg_value(i64 %62, !61, !DIExpression(), !87)
  br label %11, !dbg !165, !llvm.loop !166
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(ptr captures(none)) #3

; Function Attrs: nounwind uwtable
define internal i32 @add(i32 noundef %0, i32 noundef %1) #2 !dbg !170 {
    #dbg_value(i32 %0, !172, !DIExpression(), !174)
    #dbg_value(i32 %1, !173, !DIExpression(), !174)
  call void @llvm.instrprof.increment(ptr @__profn_t.c_add, i64 742261418966908927, i32 1, i32 0), !dbg !175
  %3 = add nsw i32 %0, %1, !dbg !175
  ret i32 %3, !dbg !176
}

; Function Attrs: nounwind uwtable
define internal i32 @sub(i32 noundef %0, i32 noundef %1) #2 !dbg !177 {
    #dbg_value(i32 %0, !179, !DIExpression(), !181)
    #dbg_value(i32 %1, !180, !DIExpression(), !181)
  call void @llvm.instrprof.increment(ptr @__profn_t.c_sub, i64 742261418966908927, i32 1, i32 0), !dbg !182
  %3 = sub nsw i32 %0, %1, !dbg !182
  ret i32 %3, !dbg !183
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(ptr captures(none)) #3

; Function Attrs: nofree nounwind
declare !dbg !184 noundef i32 @printf(ptr noundef readonly captures(none), ...) local_unnamed_addr #4

; Function Attrs: mustprogress nocallback nofree nounwind willreturn
declare !dbg !189 i64 @strtol(ptr noundef readonly, ptr noundef captures(none), i32 noundef) local_unnamed_addr #5

; Function Attrs: nounwind
declare void @llvm.instrprof.increment(ptr, i64, i32, i32) #6

; Function Attrs: nounwind
declare void @llvm.instrprof.value.profile(ptr, i64, i64, i32, i32) #6

; Function Attrs: nounwind
declare void @llvm.instrprof.increment.step(ptr, i64, i32, i32, i64) #6

attributes #0 = { noinline nounwind uwtable "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #1 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #2 = { nounwind uwtable "min-legal-vector-width"="0" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #3 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #4 = { nofree nounwind "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #5 = { mustprogress nocallback nofree nounwind willreturn "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="x86-64" "target-features"="+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+x87" "tune-cpu"="generic" }
attributes #6 = { nounwind }

!llvm.dbg.cu = !{!7}
!llvm.module.flags = !{!13, !14, !15, !16, !17, !18, !19}
!llvm.ident = !{!20}
!llvm.errno.tbaa = !{!21}

!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(scope: null, file: !2, line: 9, type: !3, isLocal: true, isDefinition: true)
!2 = !DIFile(filename: "t.c", directory: "/src", checksumkind: CSK_MD5, checksum: "cf26f2877a475a7692f07fd46bdc0225")
!3 = !DICompositeType(tag: DW_TAG_array_type, baseType: !4, size: 40, elements: !5)
!4 = !DIBasicType(name: "char", size: 8, encoding: DW_ATE_signed_char)
!5 = !{!6}
!6 = !DISubrange(count: 5)
!7 = distinct !DICompileUnit(language: DW_LANG_C11, file: !2, producer: "Debian clang version 22.1.8 (1~deb12u1)", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, retainedTypes: !8, globals: !12, splitDebugInlining: false, debugInfoForProfiling: true, nameTableKind: None)
!8 = !{!9, !11}
!9 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !10, size: 64)
!10 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !4, size: 64)
!11 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: null, size: 64)
!12 = !{!0}
!13 = !{i32 7, !"Dwarf Version", i32 5}
!14 = !{i32 2, !"Debug Info Version", i32 3}
!15 = !{i32 1, !"wchar_size", i32 4}
!16 = !{i32 8, !"PIC Level", i32 2}
!17 = !{i32 7, !"PIE Level", i32 2}
!18 = !{i32 7, !"uwtable", i32 2}
!19 = !{i32 7, !"debug-info-assignment-tracking", i1 true}
!20 = !{!"Debian clang version 22.1.8 (1~deb12u1)"}
!21 = !{!22, !22, i64 0}
!22 = !{!"int", !23, i64 0}
!23 = !{!"omnipotent char", !24, i64 0}
!24 = !{!"Simple C/C++ TBAA"}
!25 = distinct !DISubprogram(name: "apply", scope: !2, file: !2, line: 7, type: !26, scopeLine: 7, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !7, retainedNodes: !33, keyInstructions: true)
!26 = !DISubroutineType(types: !27)
!27 = !{!28, !29, !28, !28, !10, !28}
!28 = !DIBasicType(name: "int", size: 32, encoding: DW_ATE_signed)
!29 = !DIDerivedType(tag: DW_TAG_typedef, name: "op", file: !2, line: 6, baseType: !30)
!30 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !31, size: 64)
!31 = !DISubroutineType(types: !32)
!32 = !{!28, !28, !28}
!33 = !{!34, !35, !36, !37, !38}
!34 = !DILocalVariable(name: "f", arg: 1, scope: !25, file: !2, line: 7, type: !29)
!35 = !DILocalVariable(name: "a", arg: 2, scope: !25, file: !2, line: 7, type: !28)
!36 = !DILocalVariable(name: "b", arg: 3, scope: !25, file: !2, line: 7, type: !28)
!37 = !DILocalVariable(name: "buf", arg: 4, scope: !25, file: !2, line: 7, type: !10)
!38 = !DILocalVariable(name: "n", arg: 5, scope: !25, file: !2, line: 7, type: !28)
!39 = !DILocation(line: 0, scope: !25)
!40 = !DILocation(line: 7, column: 71, scope: !25, atomGroup: 1, atomRank: 2)
!41 = !DILocation(line: 7, column: 84, scope: !25)
!42 = !DILocation(line: 7, column: 71, scope: !25, atomGroup: 1, atomRank: 1)
!43 = !DILocation(line: 7, column: 95, scope: !25)
!44 = !DILocation(line: 7, column: 102, scope: !25)
!45 = !{!23, !23, i64 0}
!46 = !DILocation(line: 7, column: 101, scope: !25, atomGroup: 2, atomRank: 2)
!47 = !DILocation(line: 7, column: 88, scope: !25, atomGroup: 2, atomRank: 1)
!48 = distinct !DISubprogram(name: "main", scope: !2, file: !2, line: 9, type: !49, scopeLine: 9, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !7, retainedNodes: !51, keyInstructions: true)
!49 = !DISubroutineType(types: !50)
!50 = !{!28, !28, !9}
!51 = !{!52, !53, !54, !56, !57, !61}
!52 = !DILocalVariable(name: "argc", arg: 1, scope: !48, file: !2, line: 9, type: !28)
!53 = !DILocalVariable(name: "argv", arg: 2, scope: !48, file: !2, line: 9, type: !9)
!54 = !DILocalVariable(name: "n", scope: !48, file: !2, line: 9, type: !55)
!55 = !DIBasicType(name: "long", size: 64, encoding: DW_ATE_signed)
!56 = !DILocalVariable(name: "s", scope: !48, file: !2, line: 9, type: !55)
!57 = !DILocalVariable(name: "buf", scope: !48, file: !2, line: 9, type: !58)
!58 = !DICompositeType(tag: DW_TAG_array_type, baseType: !4, size: 512, elements: !59)
!59 = !{!60}
!60 = !DISubrange(count: 64)
!61 = !DILocalVariable(name: "i", scope: !62, file: !2, line: 9, type: !55)
!62 = distinct !DILexicalBlock(scope: !48, file: !2, line: 9, column: 87)
!63 = distinct !DIAssignID()
!64 = !DILocation(line: 0, scope: !48)
!65 = !DILocation(line: 9, column: 43, scope: !48, atomGroup: 2, atomRank: 2)
!66 = !DILocation(line: 9, column: 39, scope: !48, atomGroup: 2, atomRank: 1)
!67 = !DILocation(line: 9, column: 51, scope: !68)
!68 = !DILexicalBlockFile(scope: !48, file: !2, discriminator: 2)
!69 = !{!70, !70, i64 0}
!70 = !{!"p1 omnipotent char", !71, i64 0}
!71 = !{!"any pointer", !23, i64 0}
!72 = !DILocalVariable(name: "__nptr", arg: 1, scope: !73, file: !74, line: 367, type: !77)
!73 = distinct !DISubprogram(name: "atol", scope: !74, file: !74, line: 367, type: !75, scopeLine: 368, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !7, retainedNodes: !79, keyInstructions: true)
!74 = !DIFile(filename: "/usr/include/stdlib.h", directory: "", checksumkind: CSK_MD5, checksum: "4b47dc81a92f1fe77a152c0aac236718")
!75 = !DISubroutineType(types: !76)
!76 = !{!55, !77}
!77 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !78, size: 64)
!78 = !DIDerivedType(tag: DW_TAG_const_type, baseType: !4)
!79 = !{!72}
!80 = !DILocation(line: 0, scope: !73, inlinedAt: !81)
!81 = distinct !DILocation(line: 9, column: 46, scope: !68)
!82 = !DILocation(line: 369, column: 10, scope: !73, inlinedAt: !81, atomGroup: 1, atomRank: 2)
!83 = !DILocation(line: 9, column: 39, scope: !68)
!84 = !DILocation(line: 9, column: 39, scope: !85, atomGroup: 1, atomRank: 2)
!85 = !DILexicalBlockFile(scope: !48, file: !2, discriminator: 6)
!86 = !DILocation(line: 9, column: 73, scope: !48)
!87 = !DILocation(line: 0, scope: !62)
!88 = !DILocation(line: 9, column: 91, scope: !89)
!89 = !DILexicalBlockFile(scope: !62, file: !2, discriminator: 6)
!90 = !DILocation(line: 9, scope: !48, atomGroup: 3, atomRank: 1)
!91 = !DILocation(line: 9, scope: !62, atomGroup: 4, atomRank: 1)
!92 = !DILocation(line: 9, column: 101, scope: !93, atomGroup: 5, atomRank: 1)
!93 = !DILexicalBlockFile(scope: !94, file: !2, discriminator: 8)
!94 = distinct !DILexicalBlock(scope: !62, file: !2, line: 9, column: 87)
!95 = !DILocation(line: 9, column: 87, scope: !96, atomGroup: 6, atomRank: 1)
!96 = !DILexicalBlockFile(scope: !62, file: !2, discriminator: 8)
!97 = !DILocation(line: 9, column: 236, scope: !98)
!98 = !DILexicalBlockFile(scope: !48, file: !2, discriminator: 22)
!99 = !DILocation(line: 9, column: 264, scope: !48)
!100 = !DILocation(line: 9, column: 255, scope: !98, atomGroup: 18, atomRank: 1)
!101 = !DILocation(line: 9, column: 120, scope: !102)
!102 = !DILexicalBlockFile(scope: !103, file: !2, discriminator: 10)
!103 = distinct !DILexicalBlock(scope: !94, file: !2, line: 9, column: 108)
!104 = !DILocation(line: 9, column: 119, scope: !102)
!105 = !DILocation(line: 9, column: 131, scope: !102)
!106 = !DILocation(line: 9, column: 139, scope: !102)
!107 = !DILocation(line: 9, column: 113, scope: !102)
!108 = !DILocation(line: 9, column: 111, scope: !102, atomGroup: 7, atomRank: 2)
!109 = !DILocalVariable(name: "x", arg: 1, scope: !110, file: !2, line: 8, type: !28)
!110 = distinct !DISubprogram(name: "weigh", scope: !2, file: !2, line: 8, type: !111, scopeLine: 8, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !7, retainedNodes: !113, keyInstructions: true)
!111 = !DISubroutineType(types: !112)
!112 = !{!28, !28}
!113 = !{!109}
!114 = !DILocation(line: 0, scope: !110, inlinedAt: !115)
!115 = distinct !DILocation(line: 9, column: 149, scope: !116)
!116 = !DILexicalBlockFile(scope: !103, file: !2, discriminator: 24)
!117 = !DILocation(line: 8, column: 38, scope: !118, inlinedAt: !115)
!118 = distinct !DILexicalBlock(scope: !110, file: !2, line: 8, column: 37)
!119 = !DILocation(line: 8, column: 40, scope: !118, inlinedAt: !115, atomGroup: 1, atomRank: 2)
!120 = !DILocation(line: 8, column: 40, scope: !118, inlinedAt: !115, atomGroup: 1, atomRank: 1)
!121 = !DILocation(line: 8, column: 53, scope: !122, inlinedAt: !115, atomGroup: 2, atomRank: 2)
!122 = !DILexicalBlockFile(scope: !118, file: !2, discriminator: 2)
!123 = !DILocation(line: 8, column: 45, scope: !122, inlinedAt: !115, atomGroup: 2, atomRank: 1)
!124 = !DILocation(line: 8, column: 61, scope: !125, inlinedAt: !115)
!125 = !DILexicalBlockFile(scope: !126, file: !2, discriminator: 4)
!126 = distinct !DILexicalBlock(scope: !110, file: !2, line: 8, column: 60)
!127 = !DILocation(line: 8, column: 63, scope: !125, inlinedAt: !115, atomGroup: 3, atomRank: 2)
!128 = !DILocation(line: 8, column: 63, scope: !125, inlinedAt: !115, atomGroup: 3, atomRank: 1)
!129 = !DILocation(line: 8, column: 76, scope: !130, inlinedAt: !115, atomGroup: 4, atomRank: 2)
!130 = !DILexicalBlockFile(scope: !126, file: !2, discriminator: 6)
!131 = !DILocation(line: 8, column: 68, scope: !130, inlinedAt: !115, atomGroup: 4, atomRank: 1)
!132 = !DILocation(line: 8, scope: !110, inlinedAt: !115, atomGroup: 2, atomRank: 1)
!133 = !DILocation(line: 9, column: 149, scope: !102)
!134 = !DILocation(line: 9, column: 147, scope: !102, atomGroup: 8, atomRank: 2)
!135 = !DILocation(line: 9, column: 167, scope: !102, atomGroup: 9, atomRank: 2)
!136 = !DILocation(line: 9, column: 159, scope: !102, atomGroup: 9, atomRank: 1)
!137 = !DILocation(line: 9, column: 180, scope: !138, atomGroup: 10, atomRank: 2)
!138 = !DILexicalBlockFile(scope: !139, file: !2, discriminator: 12)
!139 = distinct !DILexicalBlock(scope: !103, file: !2, line: 9, column: 170)
!140 = !DILocation(line: 9, column: 184, scope: !138, atomGroup: 11, atomRank: 1)
!141 = !DILocation(line: 9, column: 208, scope: !142)
!142 = !DILexicalBlockFile(scope: !139, file: !2, discriminator: 14)
!143 = !DILocation(line: 0, scope: !110, inlinedAt: !144)
!144 = distinct !DILocation(line: 9, column: 202, scope: !142)
!145 = !DILocation(line: 8, column: 38, scope: !118, inlinedAt: !144)
!146 = !DILocation(line: 8, column: 40, scope: !118, inlinedAt: !144, atomGroup: 1, atomRank: 2)
!147 = !DILocation(line: 8, column: 40, scope: !118, inlinedAt: !144, atomGroup: 1, atomRank: 1)
!148 = !DILocation(line: 8, column: 53, scope: !122, inlinedAt: !144, atomGroup: 2, atomRank: 2)
!149 = !DILocation(line: 8, column: 45, scope: !122, inlinedAt: !144, atomGroup: 2, atomRank: 1)
!150 = !DILocation(line: 8, column: 61, scope: !125, inlinedAt: !144)
!151 = !DILocation(line: 8, column: 63, scope: !125, inlinedAt: !144, atomGroup: 3, atomRank: 2)
!152 = !DILocation(line: 8, column: 63, scope: !125, inlinedAt: !144, atomGroup: 3, atomRank: 1)
!153 = !DILocation(line: 8, column: 76, scope: !130, inlinedAt: !144, atomGroup: 4, atomRank: 2)
!154 = !DILocation(line: 8, column: 68, scope: !130, inlinedAt: !144, atomGroup: 4, atomRank: 1)
!155 = !DILocation(line: 8, scope: !110, inlinedAt: !144, atomGroup: 2, atomRank: 1)
!156 = !DILocation(line: 9, column: 202, scope: !142)
!157 = !DILocation(line: 9, column: 200, scope: !142, atomGroup: 12, atomRank: 2)
!158 = !DILocation(line: 9, column: 211, scope: !142, atomGroup: 13, atomRank: 1)
!159 = !DILocation(line: 9, column: 228, scope: !160, atomGroup: 14, atomRank: 2)
!160 = !DILexicalBlockFile(scope: !139, file: !2, discriminator: 16)
!161 = !DILocation(line: 9, column: 232, scope: !160)
!162 = !DILocation(line: 9, scope: !139, atomGroup: 10, atomRank: 1)
!163 = !DILocation(line: 9, column: 105, scope: !164, atomGroup: 15, atomRank: 2)
!164 = !DILexicalBlockFile(scope: !94, file: !2, discriminator: 20)
!165 = !DILocation(line: 9, column: 87, scope: !164)
!166 = distinct !{!166, !167, !168, !169}
!167 = !DILocation(line: 9, column: 87, scope: !62)
!168 = !DILocation(line: 9, column: 234, scope: !62)
!169 = !{!"llvm.loop.mustprogress"}
!170 = distinct !DISubprogram(name: "add", scope: !2, file: !2, line: 4, type: !31, scopeLine: 4, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !7, retainedNodes: !171, keyInstructions: true)
!171 = !{!172, !173}
!172 = !DILocalVariable(name: "a", arg: 1, scope: !170, file: !2, line: 4, type: !28)
!173 = !DILocalVariable(name: "b", arg: 2, scope: !170, file: !2, line: 4, type: !28)
!174 = !DILocation(line: 0, scope: !170)
!175 = !DILocation(line: 4, column: 37, scope: !170, atomGroup: 1, atomRank: 2)
!176 = !DILocation(line: 4, column: 29, scope: !170, atomGroup: 1, atomRank: 1)
!177 = distinct !DISubprogram(name: "sub", scope: !2, file: !2, line: 5, type: !31, scopeLine: 5, flags: DIFlagPrototyped | DIFlagAllCallsDescribed, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !7, retainedNodes: !178, keyInstructions: true)
!178 = !{!179, !180}
!179 = !DILocalVariable(name: "a", arg: 1, scope: !177, file: !2, line: 5, type: !28)
!180 = !DILocalVariable(name: "b", arg: 2, scope: !177, file: !2, line: 5, type: !28)
!181 = !DILocation(line: 0, scope: !177)
!182 = !DILocation(line: 5, column: 37, scope: !177, atomGroup: 1, atomRank: 2)
!183 = !DILocation(line: 5, column: 29, scope: !177, atomGroup: 1, atomRank: 1)
!184 = !DISubprogram(name: "printf", scope: !185, file: !185, line: 356, type: !186, flags: DIFlagPrototyped, spFlags: DISPFlagOptimized)
!185 = !DIFile(filename: "/usr/include/stdio.h", directory: "", checksumkind: CSK_MD5, checksum: "b5a90985555f47bfb88eff5a8f0f5b72")
!186 = !DISubroutineType(types: !187)
!187 = !{!28, !188, null}
!188 = !DIDerivedType(tag: DW_TAG_restrict_type, baseType: !77)
!189 = !DISubprogram(name: "strtol", scope: !74, file: !74, line: 177, type: !190, flags: DIFlagPrototyped, spFlags: DISPFlagOptimized)
!190 = !DISubroutineType(types: !191)
!191 = !{!55, !188, !192, !28}
!192 = !DIDerivedType(tag: DW_TAG_restrict_type, baseType: !9)
