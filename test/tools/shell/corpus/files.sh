mkdir -p a/b/c; touch a/b/c/f; find a | sort

mkdir a; mkdir a; echo $?

cp words.txt w2; cmp words.txt w2; echo $?

cp -r dir d3; find d3 | sort

cp words.txt people.csv dir2/; ls dir2

cp nowhere x; echo $?

cp -n words.txt people.csv; head -1 people.csv

cp dir x; echo $?

mv words.txt w; ls w; ls words.txt; echo $?

mv words.txt people.csv dir/; ls dir | sort

mv dir dir9; ls dir9 | head -1

mv -n words.txt numbers.txt; head -1 numbers.txt

rm words.txt; ls words.txt 2> /dev/null; echo $?

rm -r dir; ls -d dir 2> /dev/null; echo $?

rm nowhere; echo $?

rm -f nowhere; echo $?

rm dir; echo $?

rm -rf dir dir2 *.txt; ls

rm -v words.txt

rmdir emptydir; ls -d emptydir; echo $?

rmdir dir; echo $?

touch new; [ -f new ] && wc -c < new

touch -c nothing; ls nothing; echo $?

ln words.txt hard; echo more >> hard; tail -1 words.txt

chmod 600 words.txt; stat -c %a words.txt

chmod u+x,go-r words.txt; stat -c %a words.txt

chmod -R 700 dir; stat -c %a dir/notes.md

chmod a=r words.txt; stat -c %A words.txt

truncate -s 4 words.txt; cat words.txt

: > words.txt; wc -c < words.txt

> new.txt; ls new.txt

echo x > a/b; echo $?

cat dir; echo $?

install -m 755 words.txt bin1; stat -c %a bin1

mktemp > /dev/null; echo $?

t=$(mktemp -d); touch $t/x; ls $t

dd if=words.txt of=o bs=1 count=5 2> /dev/null; cat o

tar cf t.tar dir; tar tf t.tar | sort

tar czf t.tgz dir words.txt; rm -r dir; tar xzf t.tgz; find dir | sort

tar cf t.tar -C dir .; tar tf t.tar | sort

mkdir x; tar cf - dir | tar xf - -C x; find x | sort

tar xf nowhere.tar; echo $?

tar cf t.tar *.csv; tar xOf t.tar people.csv | head -1

tar cf t.tar --exclude='*.md' dir; tar tf t.tar | sort

gzip -k words.txt; gunzip -c words.txt.gz | head -1; ls words*

gzip words.txt; ls words*; gunzip words.txt.gz; ls words*

gzip -c words.txt | zcat | tail -1

echo hi | gzip | gzip -d

zip -q z.zip words.txt 2> /dev/null; unzip -l z.zip > /dev/null 2>&1; echo ok

bzip2 -k words.txt 2> /dev/null; echo ok

sqlite3 t.db 'create table t(a, b); insert into t values(1, "x"), (2, "y"); select * from t'

sqlite3 -header -csv t.db 'create table t(a, b); insert into t values(1, "x,y"); select * from t'

sqlite3 :memory: 'select 1+1, "a" || "b", null, 1.5'

sqlite3 -separator ' ' :memory: "select 1, 2; select 3"

sqlite3 -json :memory: "select 1 as a, 'x' as b"

sqlite3 :memory: <<< 'select 42;'

sqlite3 :memory: "select date('2024-01-01', '+1 day'), upper('a'), round(2.567, 1), printf('%05.2f', 3.14159)"

sqlite3 :memory: 'select nonsense from nothing'; echo $?

sqlite3 :memory: -cmd '.mode csv' 'select 1, "a b"'

sqlite3 t.db '.import --csv people.csv p' 'select count(*), sum(age) from p'

sqlite3 -line :memory: 'select 1 as a, 2 as b'

sqlite3 -column -header :memory: 'select 1 as a, 22 as bb'

sqlite3 t.db 'create table t(x integer primary key, y text); insert into t(y) values ("a")'; sqlite3 t.db .schema

sqlite3 t.db 'create table t(x)'; sqlite3 t.db .tables

sqlite3 -markdown :memory: "select 1 as a, 'x' as b"

sqlite3 :memory: "with recursive c(i) as (select 1 union all select i+1 from c where i<5) select group_concat(i) from c"

sqlite3 :memory: "select json_extract('{\"a\":[1,2]}', '$.a[1]')"

cd dir; ls; cd - > /dev/null; ls | head -1

cd nowhere; echo $?

hostname > /dev/null; echo $?

whoami > /dev/null; echo $?

uname > /dev/null; echo $?

mkdir -p p/{a,b}/{x,y}; find p -type d | sort

for i in 1 2 3; do mkdir -p "out/$i"; echo $i > "out/$i/f"; done; cat out/*/f

find dir -name '*.md' -exec sed -i 's/needle/thread/' {} +; grep -rc thread dir | sort

for f in dir/*.md; do mv "$f" "${f%.md}.markdown"; done; ls dir

cat *.csv > all; wc -l < all

echo 'a b' > 'name with space'; cat 'name with space'; rm 'name with space'

cp words.txt{,.bak}; ls words.txt*

diff words.txt copy2.txt > d.patch; wc -l < d.patch

diff -u words.txt copy2.txt > d.patch; patch words.txt < d.patch; cmp words.txt copy2.txt; echo $?

{ head -1 people.csv; tail -n +2 people.csv | sort -t, -k3 -n; } > sorted.csv; cat sorted.csv

awk -F, 'NR>1 {print > ($2 ".csv")}' people.csv; ls *.csv

while IFS= read -r line; do printf '%s\n' "$line" >> copy; done < prose.txt; cmp copy prose.txt; echo $?

ls -l dir | grep -c '^-'

basename "$(ls -t | head -1)" > /dev/null; echo $?

echo data | tee a b > c; cat a b c

cat > script2.sh <<'EOF'
#!/bin/bash
echo "args: $*"
EOF
chmod +x script2.sh; ./script2.sh 1 2

vdir > /dev/null 2>&1; echo x

echo '{"a":1}' > j; jq .a j

jq . data.json

jq -c . data.json

jq -r '.users[].name' data.json

jq '.users | length' data.json

jq '.users[0]' data.json

jq -r '.users[] | "\(.name) \(.age)"' data.json

jq -r '.users[] | [.name, .age] | @csv' data.json

jq -r '.users[] | [.name, .age] | @tsv' data.json

jq '[.users[] | select(.age > 30) | .name]' data.json

jq 'map_values(type)' data.json

jq '.users | map(.age) | add' data.json

jq -S -c . data.json

jq 'keys' data.json

jq -c '.users | sort_by(.age) | map(.name)' data.json

jq -c '.users | group_by(.city) | map({city: .[0].city, n: length})' data.json

jq '.missing' data.json

jq -e '.missing' data.json; echo $?

jq -r '.missing // "default"' data.json

jq -n '{a: 1, b: [2, 3]}'

jq -n --arg x hi '{x: $x}'

jq -n --argjson x 5 '$x + 1'

jq -c 'to_entries | map(.key)' data.json

jq -c '.users | map({(.name): .age}) | add' data.json

jq -c 'del(.users)' data.json

jq '.users |= length' data.json

jq -c '.users[0].age += 1 | .users[0]' data.json

jq -s -c . <<< '1 2 3'

jq -c '.[]' <<< '[1,"a",null,true]'

jq -R . <<< text

jq -Rs 'split("\n") | length' < words.txt

jq -c 'paths' <<< '{"a":{"b":1}}'

jq -r '.users | map(.name) | join(", ")' data.json

jq 'if .count > 2 then "many" else "few" end' data.json

jq -r '.count | tostring' data.json

jq -c '[limit(3; range(10))]' <<< null

jq -c '[.users[].age] | min, max' data.json

jq -r '.users[].name | ascii_upcase' data.json

jq -c '.users | unique_by(.city) | length' data.json

jq -r 'test("a.c")' <<< '"abc"'

jq -c '[match("a"; "g").offset]' <<< '"banana"'

jq -r 'gsub("a"; "X")' <<< '"banana"'

jq -c 'split(",")' <<< '"a,b"'

jq 'reduce .[] as $x (0; . + $x)' <<< '[1,2,3]'

jq '. as [$a, $b] | $a + $b' <<< '[1,2]'

jq -r '@base64, @uri, @html, @sh, @json' <<< '"a b<c>"'

jq -r '@text "x\(.)"' <<< '5'

jq 'def f(x): x * 2; f(21)' <<< null

jq -c 'recurse | numbers' <<< '[1,[2]]'

jq 'tojson | fromjson' <<< '{"a":1}'

jq -c 'with_entries(.value += 1)' <<< '{"a":1,"b":2}'

jq -c 'has("a"), has("z")' <<< '{"a":1}'

jq 'any, all' <<< '[true,false]'

jq -c 'flatten, reverse, first, last' <<< '[1,[2,3]]'

jq '.[1:3]' -c <<< '[1,2,3,4]'

jq '.a.b.c?' <<< '{"a":1}'

jq -r '.[] | .a?' <<< '[{"a":1},2]'

jq --tab . <<< '{"a":1}'

jq --indent 1 . <<< '{"a":[1]}'

jq -j '.[]' <<< '["a","b"]'

jq 'floor, sqrt' <<< 16.0

jq -n '"\u00e9\n"'

jq -r '.t | strptime("%Y-%m-%d") | mktime' <<< '{"t":"2024-01-15"}'

jq -n '0 | todate'

jq -c 'input' <<< '1 2'

jq -n '[inputs]' -c <<< '1 2 3'

jq --raw-output '.a' <<< '{"a":"x"}'

jq '.a' --exit-status <<< '{"a":false}'; echo $?

jq -n 'env.HOME | type'

jq -n '$ENV.X' ; X=1 jq -n 'env.X'

jq -c 'getpath(["a","b"])' <<< '{"a":{"b":2}}'

jq -c '.. | strings' <<< '{"a":"x","b":["y"]}'

jq -c 'index("b"), (.[1:])' <<< '"abc"'

jq -c 'ltrimstr("a"), startswith("a")' <<< '"abc"'

jq 'tonumber + 1' <<< '"41"'

jq -c 'transpose' <<< '[[1,2],[3,4]]'

jq '.users | map(select(.name | test("^a"))) | .[0].name' data.json

jq -c '[.users[] | {name, city}]' data.json

jq -r '["name","age"], (.users[] | [.name, .age]) | @csv' data.json

jq 'try error("x") catch .' <<< null

jq -n 'error("boom")'; echo $?

jq -c '.users[:1]' data.json | jq -r '.[].city'
