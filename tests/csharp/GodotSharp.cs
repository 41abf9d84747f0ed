// The signatures of GodotSharp 4.3 that the addon's C# wrapper uses, written by hand, so that the wrapper can be compiled
// where the package GodotSharp cannot be had. Nothing here runs.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Godot
{
    public enum Error { Ok, Failed }

    [AttributeUsage(AttributeTargets.GenericParameter)]
    public sealed class MustBeVariantAttribute : Attribute { }

    public sealed class StringName
    {
        public static implicit operator StringName(string from) { throw null; }
        public static implicit operator string(StringName from) { throw null; }
    }

    public struct Variant
    {
        public T As<[MustBeVariant] T>() { throw null; }
        public bool AsBool() { throw null; }
        public long AsInt64() { throw null; }
        public double AsDouble() { throw null; }
        public string AsString() { throw null; }
        public Callable AsCallable() { throw null; }
        public Signal AsSignal() { throw null; }
        public GodotObject AsGodotObject() { throw null; }
        public Collections.Dictionary AsGodotDictionary() { throw null; }
        public Collections.Array AsGodotArray() { throw null; }
        public Collections.Array<T> AsGodotArray<[MustBeVariant] T>() { throw null; }

        public static implicit operator Variant(bool from) { throw null; }
        public static implicit operator Variant(int from) { throw null; }
        public static implicit operator Variant(long from) { throw null; }
        public static implicit operator Variant(float from) { throw null; }
        public static implicit operator Variant(double from) { throw null; }
        public static implicit operator Variant(string from) { throw null; }
        public static implicit operator Variant(StringName from) { throw null; }
        public static implicit operator Variant(Callable from) { throw null; }
        public static implicit operator Variant(Signal from) { throw null; }
        public static implicit operator Variant(byte[] from) { throw null; }
        public static implicit operator Variant(GodotObject from) { throw null; }
        public static implicit operator Variant(Collections.Dictionary from) { throw null; }
        public static implicit operator Variant(Collections.Array from) { throw null; }
    }

    public struct Callable
    {
        public static Callable From(Action action) { throw null; }
        public static Callable From<[MustBeVariant] T0>(Action<T0> action) { throw null; }
        public static Callable From<[MustBeVariant] T0, [MustBeVariant] T1>(Action<T0, T1> action) { throw null; }
        public static Callable From<[MustBeVariant] TResult>(Func<TResult> func) { throw null; }
        public Variant Call(params Variant[] args) { throw null; }
    }

    public struct Signal
    {
        public GodotObject Owner { get { throw null; } }
        public StringName Name { get { throw null; } }
    }

    public interface IAwaiter<out TResult> : INotifyCompletion
    {
        bool IsCompleted { get; }
        TResult GetResult();
    }

    public class SignalAwaiter : IAwaiter<Variant[]>
    {
        public bool IsCompleted { get { throw null; } }
        public void OnCompleted(Action continuation) { throw null; }
        public Variant[] GetResult() { throw null; }
        public IAwaiter<Variant[]> GetAwaiter() { throw null; }
    }

    public class GodotObject : IDisposable
    {
        public Error Connect(StringName signal, Callable callable, uint flags = 0) { throw null; }
        public void Disconnect(StringName signal, Callable callable) { throw null; }
        public Variant Call(StringName method, params Variant[] args) { throw null; }
        public Variant Get(StringName property) { throw null; }
        public void Set(StringName property, Variant value) { throw null; }
        public SignalAwaiter ToSignal(GodotObject source, StringName signal) { throw null; }
        public void Dispose() { throw null; }
    }

    public class RefCounted : GodotObject { }

    public class TlsOptions : RefCounted { }

    public class Node : GodotObject
    {
        public virtual void _Ready() { throw null; }
    }

    public static class GD
    {
        public static void Print(params Variant[] what) { throw null; }
    }

    public static class ClassDB
    {
        public static Variant Instantiate(StringName @class) { throw null; }
    }
}

namespace Godot.Collections
{
    public class Dictionary : System.Collections.IEnumerable
    {
        public Variant this[Variant key] { get { throw null; } set { throw null; } }
        public void Add(Variant key, Variant value) { throw null; }
        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() { throw null; }
    }

    public class Array : IEnumerable<Variant>
    {
        public Array() { throw null; }
        public Array(IEnumerable<Variant> collection) { throw null; }
        public Array(Variant[] array) { throw null; }
        public Variant this[int index] { get { throw null; } set { throw null; } }
        public int Count { get { throw null; } }
        public void Add(Variant item) { throw null; }
        public IEnumerator<Variant> GetEnumerator() { throw null; }
        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() { throw null; }
    }

    public class Array<[MustBeVariant] T> : IEnumerable<T>
    {
        public IEnumerator<T> GetEnumerator() { throw null; }
        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() { throw null; }
    }
}
